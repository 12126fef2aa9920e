"""What people do on the pages, by the roles and names of the surface contract."""

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.site import BASE
from tests.factories import PASSWORD

# How long live things may take on a busy machine, in milliseconds. Far above what they do take.
LIVE = 5_000
# A page looks for a lost server at growing intervals of up to some seconds.
RECOVERY = 30_000


def register(page: Page, username: str, email: str, password: str = PASSWORD) -> None:
    """Fill in the form and press the button; what follows is for the caller to see."""
    page.goto(f"{BASE}/register")
    fill_registration(page, username, email, password)
    page.get_by_role("button", name="注册").click()


def fill_registration(page: Page, username: str, email: str, password: str, confirmation: str | None = None) -> None:
    """Type into all four fields."""
    page.get_by_role("textbox", name="用户名").fill(username)
    page.get_by_role("textbox", name="邮箱").fill(email)
    page.get_by_role("textbox", name="密码", exact=True).fill(password)
    page.get_by_role("textbox", name="确认密码").fill(password if confirmation is None else confirmation)


def log_in_here(page: Page, login: str, password: str = PASSWORD) -> None:
    """Fill in the login form that is open and press the button."""
    page.get_by_role("textbox", name="用户名或邮箱").fill(login)
    page.get_by_role("textbox", name="密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()


def fill_listing(page: Page, title: str, price: str = "180.50", quantity: str = "2") -> None:
    """Everything of the form but the photos."""
    page.get_by_role("textbox", name="标题").fill(title)
    page.get_by_role("textbox", name="描述").fill("骑了一年，变速顺滑，自提。")
    page.get_by_label("价格").fill(price)
    page.get_by_label("数量").fill(quantity)
    page.get_by_role("combobox", name="分类").select_option("sports")


def photo_file(content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> dict[str, object]:
    """A file as the picker takes it."""
    return {"name": name, "mimeType": kind, "buffer": content}


def choose_photos(page: Page, *files: dict[str, object]) -> None:
    """Choose files; they start to upload at once."""
    page.get_by_label("添加照片").set_input_files(list(files))  # type: ignore[arg-type]  # Playwright's own dict type


def photos_in_form(page: Page) -> Locator:
    """The photos that are uploaded or on their way, in order."""
    return page.get_by_role("img", name=re.compile(r"第 \d 张照片$"))


def nav(page: Page, name: str) -> Locator:
    """A link of the main navigation, whichever of the two is shown at this size."""
    return page.get_by_role("navigation", name="主导航").get_by_role("link", name=re.compile(f"{name}$"))


def expect_unread(page: Page, count: int, timeout: float = LIVE) -> None:
    """消息 announces exactly so many, or none."""
    name = re.compile(rf"^{count} 条未读消息\s*消息$") if count else re.compile("^消息$")
    expect(nav(page, "消息")).to_have_accessible_name(name, timeout=timeout)


def open_chat(page: Page, peer_id: int) -> None:
    """Open a conversation and wait until it can be written in."""
    page.goto(f"{BASE}/messages/{peer_id}")
    expect(message_field(page)).to_be_visible()


def message_field(page: Page) -> Locator:
    """Where messages are written."""
    return page.get_by_role("textbox", name="输入消息")


def send(page: Page, text: str) -> None:
    """Write a message and press the button."""
    message_field(page).fill(text)
    page.get_by_role("button", name="发送", exact=True).click()


def bubble(page: Page, text: str) -> Locator:
    """The messages with exactly this text, whether stored or on their way."""
    return page.get_by_role("log").locator(".x-bubble").get_by_text(text, exact=True)


def row(page: Page, text: str) -> Locator:
    """A message with what stands beside it."""
    return page.get_by_role("log").locator(".x-row").filter(has=page.get_by_text(text, exact=True))


def expect_message(page: Page, text: str, timeout: float = LIVE) -> None:
    """The message is shown once, and known to be stored."""
    expect(bubble(page, text)).to_have_count(1, timeout=timeout)
    expect(row(page, text).locator("time")).to_have_count(1, timeout=timeout)


def entry(page: Page, name: str) -> Locator:
    """A line of the list of conversations."""
    return page.get_by_role("navigation", name="会话列表").get_by_role("link", name=re.compile(name))


def is_at_end(page: Page) -> bool:
    """Whether the newest message is in view."""
    script = "pane => pane.scrollHeight - pane.scrollTop - pane.clientHeight < 4"
    return bool(page.get_by_role("log").evaluate(script))


def save(page: Page, folder: Path, name: str) -> None:
    """A picture of the page for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def wait_until(page: Page, script: str, seconds: float = 10) -> None:
    """Wait until the script says yes. Playwright's own waiting has the page evaluate it, which its policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never true: {script}"
        page.wait_for_timeout(50)
