"""The service worker and the manifest, as browsers fetch them."""

from pathlib import Path

import httpx
from PIL import Image

from tests.live_site import Site
from xianyu import routes


async def test_the_worker_may_speak_for_the_whole_site_and_load_nothing(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        answer = await browser.get(routes.PUSH_WORKER)
    # Its scope is at most the folder that it lies in.
    assert routes.PUSH_WORKER.rpartition("/")[0] == ""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    # A sandboxed worker would have no origin to show notifications for.
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    # It keeps nothing, and stands between no page and the server.
    assert "caches" not in answer.text
    assert '"fetch"' not in answer.text


async def test_the_site_can_be_added_to_a_phones_home_screen(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        answer = await browser.get(routes.MANIFEST)
    assert answer.headers["content-type"] == "application/manifest+json"
    described = answer.json()
    assert (described["name"], described["start_url"], described["display"]) == ("邻里闲鱼", "/", "standalone")
    [icon] = described["icons"]
    with Image.open(Path(__file__).parents[2] / "assets" / icon["src"].lstrip("/")) as picture:
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
