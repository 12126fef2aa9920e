"""A video from the form to the page where it plays."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests import videos
from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, jpeg
from tests.e2e.site import ARTIFACTS, BASE, Site

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SHOTS = ARTIFACTS / "video"
# A conversion waits for nobody but the machine.
CONVERTED = 60_000


def clip(seconds: float = 6, size: str = "640x360") -> bytes:
    """A recording that has to be converted, with a picture worth looking at."""
    return videos.webm(seconds, size)


def choose(page: Page, content: bytes, name: str = "clip.webm", kind: str = "video/webm") -> None:
    """Choose a file; it starts to upload at once."""
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.get_by_label("添加视频").set_input_files(file)  # type: ignore[arg-type]  # Playwright's own dict type


def progress(page: Page) -> Locator:
    return page.get_by_role("progressbar", name="视频上传进度")


def poster(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile("^视频封面，时长"))


def refusal(page: Page) -> Locator:
    return page.locator("#video-error")


def player(page: Page) -> Locator:
    return page.locator(".x-gallery video")


def shoot(page: Page, name: str) -> None:
    """A picture of the form around the video, for people to look at."""
    page.locator(".x-video-picker").evaluate("picker => picker.scrollIntoView({ block: 'center' })")
    actions.save(page, SHOTS, name)


def fill(person: Person, title: str) -> Page:
    page = person.go("/sell")
    actions.choose_photos(page, *(actions.photo_file(jpeg(colour=colour)) for colour in ("#5b8c5a", "#b5651d")))
    actions.fill_listing(page, title)
    return page


def stored(site: Site) -> set[str]:
    """The videos on the server's disk, those of earlier tests as well."""
    return {path.name for path in (site.data_dir / "media").rglob("*.mp4")}


def is_playing(page: Page) -> bool:
    return bool(player(page).evaluate("video => !video.paused && video.currentTime > 0.2 && video.videoWidth > 0"))


def wait_until_playing(page: Page) -> None:
    deadline = time.monotonic() + 10
    while not is_playing(page):
        assert time.monotonic() < deadline, player(page).evaluate("video => [video.error?.message, video.readyState]")
        page.wait_for_timeout(50)


def slow_down(page: Page, bytes_a_second: int) -> None:
    """A connection that lets one see the progress."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", limits)


def test_a_video_is_uploaded_published_played_and_removed(site: Site, person: MakePerson) -> None:
    seller = person("影音", PHONE)
    page = fill(seller, "会动的山地车")
    data = clip()
    slow_down(page, len(data) // 4)
    choose(page, data)
    # Percent by percent, then the server's work, then the poster.
    expect(page.get_by_text(re.compile(r"^[1-9]\d?%$"))).to_be_visible()
    expect(progress(page)).to_be_visible()
    shoot(page, "1-sending-phone")
    # Nobody can publish it half.
    page.get_by_role("button", name="发布", exact=True).click()
    expect(refusal(page)).to_contain_text("视频还在上传或处理")
    expect(poster(page)).to_be_visible(timeout=CONVERTED)
    expect(refusal(page)).to_be_empty()
    expect(poster(page)).to_have_accessible_name("视频封面，时长 0:06")
    shoot(page, "2-form-phone")
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/listing/\d+$"))
    address = page.url.removeprefix(BASE)

    visitor = person("", PHONE)
    answers: list[Response] = []
    visitor.page.on("response", lambda answer: answers.append(answer) if answer.url.endswith(".mp4") else None)
    _watch(visitor, address, answers)
    # After a restart as well, and with a mouse on a wide page.
    for each in (page, visitor.page):
        each.goto("about:blank")
    site.restart()
    visitor.go(address)
    visitor.page.get_by_role("button", name="看视频").click()
    visitor.page.get_by_role("button", name=re.compile("^播放视频")).click()
    wait_until_playing(visitor.page)
    wide = person("").go(address)
    wide.get_by_role("button", name="看视频").click()
    expect(wide.get_by_role("button", name=re.compile("^播放视频"))).to_be_in_viewport(ratio=0.9)
    wide.wait_for_timeout(600)  # for the picture: the strip has come to rest
    actions.save(wide, SHOTS, "5-listing-desktop")
    expect(wide.get_by_text("2 / 3")).to_be_visible()

    _edit(page, address, visitor.page)


def _watch(visitor: Person, address: str, answers: list[Response]) -> None:
    card = visitor.go("/").locator(f"a[href='{address}']")
    expect(card).to_have_accessible_name(re.compile("有视频"))
    expect(card.locator(".x-in-motion")).to_be_in_viewport()
    actions.save(visitor.page, SHOTS, "2-card-phone")
    page = visitor.go(address)
    expect(page.get_by_role("button", name="看视频")).to_be_visible()
    # Nothing of it is loaded before somebody wants to see it.
    assert answers == []
    page.get_by_role("button", name="看视频").click()
    play = page.get_by_role("button", name="播放视频，时长 0:06")
    expect(play).to_be_in_viewport(ratio=0.9)
    page.wait_for_timeout(600)  # for the picture: the strip has come to rest
    actions.save(page, SHOTS, "3-listing-phone")
    play.focus()
    page.keyboard.press("Enter")
    wait_until_playing(page)
    actions.save(page, SHOTS, "4-playing-phone")
    assert {answer.status for answer in answers} == {206}
    assert answers[0].headers["content-type"] == "video/mp4"
    assert answers[0].headers["content-range"].startswith("bytes 0-")
    assert answers[0].headers["cache-control"] == "public, max-age=31536000, immutable"
    assert player(page).evaluate("video => [video.videoWidth, video.videoHeight, video.muted, video.controls]") == [
        640, 360, False, True,
    ]  # fmt: skip
    # It can be sought in, and is silent once one goes on to a photo.
    player(page).evaluate("video => { video.currentTime = 5 }")
    actions.wait_until(page, "() => document.querySelector('.x-gallery video').currentTime >= 5")
    page.get_by_role("button", name="看第 2 张").click()
    actions.wait_until(page, "() => document.querySelector('.x-gallery video').paused")


def _edit(page: Page, address: str, visitor: Page) -> None:
    page.goto(f"{BASE}{address}/edit")
    expect(poster(page)).to_be_visible()
    page.get_by_role("button", name="移除视频").click()
    expect(page.get_by_label("添加视频")).to_be_focused()
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(f"{BASE}{address}")
    expect(page.get_by_role("button", name="看第 2 张")).to_be_visible()
    expect(page.get_by_role("button", name="看视频")).to_have_count(0)
    # Whoever has the page open sees it go.
    expect(visitor.get_by_role("button", name="看视频")).to_have_count(0, timeout=actions.LIVE)
    expect(player(visitor)).to_have_count(0)
    page.goto(f"{BASE}{address}/edit")
    expect(page.get_by_label("添加视频")).to_be_attached()


def test_what_is_refused_says_why_and_can_be_tried_again(site: Site, person: MakePerson, tmp_path: Path) -> None:
    seller = person("试错")
    page = fill(seller, "还是要卖的")
    seller.faults.allow("Failed to load resource")
    choose(page, b"PK\x03\x04" + b"\0" * 5000, "clip.mp4", "video/mp4")
    expect(refusal(page)).to_have_text("请选择 MP4、MOV 或 WebM 格式的视频", timeout=CONVERTED)
    expect(page.get_by_label("添加视频")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="重试")).to_have_count(0)
    shoot(page, "6-refused-desktop")
    choose(page, videos.sound(), "clip.mp4", "video/mp4")
    expect(refusal(page)).to_have_text("这个文件里没有画面，请选择视频", timeout=CONVERTED)
    # What the browser can tell by itself is not sent at all.
    choose(page, videos.mp4(61, "32x32"), "long.mp4", "video/mp4")
    expect(refusal(page)).to_have_text("视频不能超过 60 秒，请剪短后再上传", timeout=CONVERTED)
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(50_000_001)
    page.get_by_label("添加视频").set_input_files(large)
    expect(refusal(page)).to_have_text("视频不能超过 50 MB")

    # A network that fails, and comes back.
    page.context.set_offline(True)
    seller.faults.allow(r"ERR_INTERNET_DISCONNECTED|WebSocket")
    choose(page, clip(2))
    expect(refusal(page)).to_have_text("网络断开，上传失败", timeout=CONVERTED)
    page.context.set_offline(False)
    page.get_by_role("button", name="重试").click()
    expect(poster(page)).to_be_visible(timeout=CONVERTED)
    expect(refusal(page)).to_be_empty()
    shoot(page, "7-form-desktop")


def test_leaving_takes_an_unfinished_upload_back(site: Site, person: MakePerson) -> None:
    before = stored(site)
    seller = person("反悔", PHONE, color_scheme="dark")
    page = fill(seller, "不要视频了")
    choose(page, clip(30, "1280x720"))
    expect(page.get_by_text("正在处理…")).to_be_visible(timeout=CONVERTED)
    shoot(page, "8-converting-dark")
    page.get_by_role("button", name="取消上传视频").click()
    expect(page.get_by_label("添加视频")).to_be_focused()
    # Nothing of it stays on the server, neither files nor the turn of whoever comes next.
    deadline = time.monotonic() + 10
    while left := [path.name for path in (site.data_dir / "media").rglob("*.tmp")]:
        assert time.monotonic() < deadline, left
        page.wait_for_timeout(50)
    assert stored(site) == before
    choose(page, clip(2))
    expect(poster(page)).to_be_visible(timeout=CONVERTED)
