"""The preview of a listing that somebody shares, as chats and crawlers read it."""

from html.parser import HTMLParser

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import make_listing, make_user
from tests.live_site import Site
from xianyu import routes
from xianyu.models import Listing
from xianyu.schemas.accounts import Actor
from xianyu.settings import get_settings


class Preview(HTMLParser):
    """What a crawler takes from a page: its title, its named meta tags, and whether anything would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on")]
        if tag == "meta":
            name = given.get("property") or given.get("name") or given.get("http-equiv")
            self.meta[str(name)] = given.get("content") or ""
        if tag == "a":
            self.links.append(given.get("href") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def seller(site: Site) -> Actor:
    return make_user(site.database, "卖家")


async def fetch(site: Site, path: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        return await browser.request(method, path)


async def test_a_preview_says_what_it_is_and_leads_there(site: Site, seller: Actor) -> None:
    cover = "c" * 32 + ".webp"
    listing_id = make_listing(
        site.database,
        seller,
        title="捷安特山地车",
        description="\n\n骑了一年\n变速顺滑",
        price_fen=128_000,
        cover=cover,
    )
    answer = await fetch(site, routes.share(listing_id))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    preview, origin = Preview(answer.text), get_settings().public_url
    assert preview.meta["og:title"] == "捷安特山地车"
    assert preview.meta["og:description"] == "¥1,280.00 · 骑了一年"
    assert preview.meta["og:image"] == f"{origin}/media/{cover}"
    assert (preview.meta["og:image:width"], preview.meta["og:image:height"]) == ("1200", "900")
    assert preview.meta["og:url"] == f"{origin}/s/{listing_id}"
    assert preview.meta["og:site_name"] == get_settings().site_name
    assert preview.meta["og:type"] == "website"
    assert preview.meta["twitter:card"] == "summary_large_image"
    assert preview.meta["refresh"] == f"0; url={routes.listing(listing_id)}"
    assert preview.links == [routes.listing(listing_id)]
    assert "捷安特山地车 · " in preview.text
    # Nothing in it needs a script, and its policy would let none run.
    assert "script" not in preview.tags
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_head_tells_the_same_without_the_page(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller)
    whole, head = [await fetch(site, routes.share(listing_id), method) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert (await fetch(site, routes.share(2**40), "HEAD")).status_code == 404


async def test_what_people_typed_stays_text(site: Site, seller: Actor) -> None:
    nasty = "\"><script>alert(1)</script>&amp;'<b>"
    listing_id = make_listing(site.database, seller, title=nasty, description=f"{nasty}\n<img src=x onerror=alert(1)>")
    preview = Preview((await fetch(site, routes.share(listing_id))).text)
    assert "script" not in preview.tags
    assert "b" not in preview.tags
    assert preview.meta["og:title"] == nasty
    assert preview.meta["og:description"] == f"¥200.00 · {nasty}"
    assert nasty in preview.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"price_fen": 0}, "免费送"),
        ({"kind": "wanted", "price_fen": 5000}, "求购 预算 ¥50.00"),
        ({"status": "sold_out"}, "¥200.00 · 已售出"),
        ({"status": "taken_down"}, "¥200.00 · 已下架"),
        ({"description": "长" * 3000}, f"¥200.00 · {'长' * 119}…"),
    ],
)
async def test_the_words_fit_what_it_is(site: Site, seller: Actor, values: dict[str, object], words: str) -> None:
    listing_id = make_listing(site.database, seller, **values)
    found = Preview((await fetch(site, routes.share(listing_id))).text).meta["og:description"]
    assert found.startswith(words)


async def test_what_does_not_exist_says_so(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller, title="删掉的宝贝")
    deleted = sa.update(Listing).where(col(Listing.id) == listing_id).values(status="deleted")
    site.database.write(lambda session: session.execute(deleted))
    for address in (listing_id, 0, 2**63, "x", "1x", "-1", "9" * 400, "%00", "%E4%BA%8C"):
        answer = await fetch(site, f"/s/{address}")
        assert answer.status_code == 404, address
        assert "这件宝贝不存在或已被删除" in answer.text
        assert "删掉的宝贝" not in answer.text
        assert routes.HOME in Preview(answer.text).links


async def test_the_address_may_not_come_from_the_request(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller)
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        headers = {"host": "evil.example", "x-forwarded-host": "evil.example"}
        answer = await browser.get(routes.share(listing_id), headers=headers)
    assert "evil.example" not in answer.text
