"""What holds for every page, at both sizes and in both schemes; and what single pages promise."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer, write
from tests.e2e.site import BASE, Site
from tests.external_logins import come_back, link, set_user
from tests.factories import make_user
from tests.reviewing import review, traded
from tests.trade import buy
from xianyu import routes
from xianyu.adapters.cookies import external_cookie_name
from xianyu.models import TokenPurpose
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import ExternalPerson, Outcome
from xianyu.schemas.orders import AddressForm
from xianyu.services import address_book, interest, mailed_tokens, offers, orders, reviews
from xianyu.services.order_forms import OfferForm

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# Where to put a picture of each page, for people to look at; nowhere unless it is set.
SHOTS = os.environ.get("XIANYU_E2E_SHOTS", "")
SITE_NAME = "邻里闲鱼"
NOWHERE = 999_999


@dataclass(frozen=True)
class Sight:
    """A page, what of it shows that it has loaded, and which link of the navigation is the present one."""

    name: str
    path: str
    title: str
    shows: str
    current: str = ""
    status: int = 200


def _sights(
    listing_id: int, own_id: int, peer_id: int, reviewed: int, bought: int, sold: int, done: int
) -> list[Sight]:
    return [
        Sight("home", "/", "首页", "山地车", "首页"),
        Sight("listing", f"/listing/{listing_id}", "宝贝详情", "小区门口自提"),
        Sight("own-listing", f"/listing/{own_id}", "宝贝详情", "编辑"),
        Sight("listing-reviewed", f"/listing/{reviewed}", "宝贝详情", "送货很准时"),
        Sight("sell", "/sell", "发布闲置", "标题", "发布"),
        Sight("edit", f"/listing/{own_id}/edit", "编辑宝贝", "保存"),
        Sight("messages", "/messages", "消息", "出价", "消息"),
        Sight("conversation", f"/messages/{peer_id}", "聊天", "还在的", "消息"),
        Sight("notices", "/messages?box=notices", "消息", "收藏了你的", "消息"),
        Sight("broadcasts", "/messages?box=broadcasts", "消息", "新上架", "消息"),
        Sight("favorites", "/me/favorites", "我的收藏", "九成新山地车", "我的"),
        Sight("history", "/me/history", "足迹", "九成新山地车", "我的"),
        Sight("me", "/me", "我的", "退出登录", "我的"),
        Sight("friends", routes.FRIENDS, "好友", "还没有好友"),
        Sight("plaza", routes.PLAZA, "公共聊天室", "还没有人说话"),
        Sight("search", "/search?q=山地车", "搜索", "找到 1 件"),
        Sight("saved-searches", "/me/searches", "我的订阅", "还没有订阅", "我的"),
        Sight("buy", routes.buy(listing_id), "购买宝贝", "提交订单"),
        Sight("orders", routes.ORDERS, "我的订单", "九成新山地车"),
        Sight("orders-sold", routes.orders({"side": "sold"}), "我的订单", "带锁自行车"),
        Sight("order", routes.order(bought), "订单详情", "待卖家确认"),
        Sight("order-sold", routes.order(sold), "订单详情", "幸福小区"),
        Sight("order-reviewed", routes.order(done), "订单详情", "送货很准时"),
        Sight("user", f"/user/{peer_id}", "邻居主页", "送货很准时"),
        Sight("login", "/login", "登录", "欢迎回来"),
        Sight("register", "/register", "注册", "加入邻里"),
        Sight("nowhere", "/no/such/page", "页面不存在", "这个页面不存在", status=404),
        Sight("no-listing", f"/listing/{NOWHERE}", "", "不存在或已被删除", status=404),
        Sight("no-order", routes.order(NOWHERE), "订单详情", "没有找到这个订单", status=404),
        Sight("nothing-to-buy", routes.buy(NOWHERE), "购买宝贝", "不存在或已被删除", status=404),
        Sight("no-person", f"/user/{NOWHERE}", "", "没有找到这位邻居", status=404),
        Sight("nobody-to-talk-to", f"/messages/{NOWHERE}", "聊天", "没有找到这位邻居", "消息"),
    ]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_keeps_what_all_pages_promise(site: Site, person: MakePerson, viewport: ViewportSize) -> None:
    me, other = person("小明", viewport), person("李阿姨")
    me.faults.allow("responded with a status of 404")  # the addresses that name nothing
    theirs, mine = offer(site, other.actor, "九成新山地车"), offer(site, me.actor, "带锁自行车")
    write(site, other.actor, me.actor, "在吗？")
    write(site, me.actor, other.actor, "还在的")
    for one, listing_id in ((me, theirs), (other, mine)):
        site.database.write(interest.favorite, one.actor, listing_id)
    lamp = offer(site, other.actor, "护眼台灯")
    sights = _sights(theirs, mine, other.id, lamp, *_trade(site, me.actor, other.actor, theirs, mine, lamp))
    found = [f"{sight.name}: {one}" for sight in sights for one in look_at(me.page, sight)]
    assert not found, "\n".join(found)


def _trade(site: Site, me: Actor, other: Actor, theirs: int, mine: int, lamp: int) -> tuple[int, int, int]:
    """What I ordered, what is to be sent to somebody else, and what both reviewed; and an offer that waits for me."""
    done = traded(site.database, other, me, lamp)
    review_id = review(site.database, me, done, 4, "送货很准时，和描述一样")
    review(site.database, other, done, 5, "爽快的买家")
    site.database.write(reviews.reply, other, review_id, "谢谢支持")
    home = AddressForm("陈小姐", "13800000000", "幸福小区 3 号楼 502 室")
    address_id, _ = site.database.write(address_book.save, other, home)
    site.database.write(address_book.save, me, home)
    bought = buy(site.database, me, theirs, note="周六下午来拿")
    sold = buy(site.database, other, mine, delivery="shipping", address_id=address_id)
    site.database.write(orders.act, me, sold, "confirm")
    site.database.write(offers.make, other, mine, OfferForm(1, 9_900, "offer-00001"))
    return bought, sold, done


@pytest.fixture
def site_with_provider(site: Site) -> Iterator[Site]:
    """The site offers a login at a third party, which is never asked for one here."""
    provider = {"name": "campus", "label": "校园账号", "issuer": "https://id.example", "client_id": "x"}
    site.restart(oidc_providers=(provider,))
    yield site
    site.restart()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_an_account_keeps_it_too(
    site_with_provider: Site, person: MakePerson, viewport: ViewportSize
) -> None:
    site, me, visitor = site_with_provider, person("小明", viewport), person("", viewport)
    link(site.database, me.actor, ExternalPerson("1", "ming@example.com"))
    reset = site.database.write(mailed_tokens.issue, me.id, TokenPurpose.RESET_PASSWORD)
    change = site.database.write(mailed_tokens.issue, me.id, TokenPurpose.CHANGE_EMAIL, "new@example.com")
    sights = [
        Sight("login-external", routes.LOGIN, "登录", "校园账号"),
        Sight("register-external", routes.REGISTER, "注册", "校园账号"),
        Sight("forgot-password", routes.FORGOT_PASSWORD, "忘记密码", "填写注册时用的邮箱"),
        Sight("reset-password", routes.reset_password(reset), "重置密码", "确认密码"),
        Sight("reset-password-bad", routes.reset_password("A" * 43), "重置密码", "重新申请"),
        Sight("confirm-email", routes.confirm_email(change), "确认新邮箱", "确认更换邮箱"),
        Sight("confirm-email-bad", routes.confirm_email("A" * 43), "确认新邮箱", "到设置里重新申请"),
        Sight("lapsed", routes.WELCOME, "选个用户名", "登录已失效"),
    ]
    settings = Sight("settings", routes.SETTINGS, "设置", "解绑", "我的")
    found = [f"{settings.name}: {one}" for one in look_at(me.page, settings)]
    found += [f"asked for the password: {one}" for one in _look_at_the_proof(me.page)]
    found += [f"{sight.name}: {one}" for sight in sights for one in look_at(visitor.page, sight)]
    for sight, outcome in _half_way(site):
        cookie = {"name": external_cookie_name(), "value": outcome.secret, "url": BASE}
        visitor.context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own dict type
        found += [f"{sight.name}: {one}" for one in look_at(visitor.page, sight)]
        if sight.name == "welcome-no-address":
            # The name of who came before in this tab is nobody else's.
            expect(visitor.page.get_by_role("textbox", name="用户名")).to_have_value("")
    assert not found, "\n".join(found)


def _look_at_the_proof(page: Page) -> list[str]:
    page.get_by_role("button", name=re.compile("^解绑 校园账号")).click()
    expect(page.get_by_role("button", name="确认解绑 校园账号")).to_be_visible()
    page.get_by_role("button", name="确认解绑 校园账号").click()
    expect(page.get_by_role("alert").filter(has_text="当前密码不正确")).to_be_visible()
    page.get_by_role("button", name="确认解绑 校园账号").scroll_into_view_if_needed()
    _photograph(page, "proof-dark")
    return audit.findings(page)


def _half_way(site: Site) -> list[tuple[Sight, Outcome]]:
    """Logins that a third party has proven, and the page that each waits at."""
    make_user(site.database, "有密码的邻居", email="owner@example.com")
    careful = make_user(site.database, "有两步的邻居")
    link(site.database, careful, ExternalPerson("2"))
    set_user(site.database, careful.user_id, totp_secret="encrypted")
    newcomer = come_back(site.database, ExternalPerson("3", "mei@example.com", email_verified=True, name="小梅"))
    unknown = come_back(site.database, ExternalPerson("4"))
    owner = come_back(site.database, ExternalPerson("5", "owner@example.com", email_verified=True))
    second_step = come_back(site.database, ExternalPerson("2"))
    return [
        (Sight("welcome", routes.WELCOME, "选个用户名", "校园账号"), newcomer),
        (Sight("welcome-no-address", routes.WELCOME, "选个用户名", "完成注册"), unknown),
        (Sight("link", routes.LINK, "绑定已有账号", "有密码的邻居"), owner),
        (Sight("login-code", routes.LOGIN_CODE, "两步验证", "恢复码"), second_step),
    ]


def look_at(page: Page, sight: Sight) -> list[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    response = page.goto(BASE + sight.path)
    assert response is not None
    expect(page.get_by_role("main")).to_contain_text(sight.shows)
    expect(page.locator(".x-skeleton")).to_have_count(0)
    actions.wait_until(page, "[...document.images].every((image) => image.complete)")
    _photograph(page, f"{sight.name}-light")
    found = audit.findings(page)
    if response.status != sight.status:
        found.append(f"status {response.status}")
    if not page.title().startswith(sight.title) or not page.title().endswith(SITE_NAME):
        found.append(f"titled {page.title()}")
    return [*found, *_wrong_navigation(page, sight), *_look_in_the_dark(page, sight)]


def _look_in_the_dark(page: Page, sight: Sight) -> list[str]:
    page.emulate_media(color_scheme="dark")
    actions.wait_until(page, audit.IS_DARK)
    _photograph(page, f"{sight.name}-dark")
    return [f"in the dark: {one}" for one in audit.findings(page)]


def _photograph(page: Page, name: str) -> None:
    if SHOTS and page.viewport_size:
        actions.save(page, Path(SHOTS), f"{name}-{page.viewport_size['width']}")


def _wrong_navigation(page: Page, sight: Sight) -> list[str]:
    links = page.get_by_role("navigation", name="主导航").get_by_role("link")
    expect(links).to_have_count(4)
    current = [link.inner_text() for link in links.all() if link.get_attribute("aria-current") == "page"]
    wanted = [sight.current] if sight.current else []
    return [] if [re.sub(r"\W|\d|条未读消息", "", name) for name in current] == wanted else [f"current: {current}"]


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ("<div style='width: 3000px; height: 50px'></div>", "wider than the window"),
        ("<button style='height: 30px'>小</button>", "too small to press"),
        ("<p style='color: #aaa; background: #fff'>浅灰的字</p>", "hard to read"),
        ("<img src='data:,'>", "without a text alternative"),
        ("<p>末尾</p><div style='position: fixed; inset: auto 0 0; height: 90vh; background: #fff'></div>", "covered"),
        ("<p>Loading</p>", "not Chinese: Loading"),
        ("<button aria-label='Close'>✕</button>", "not Chinese: Close"),
    ],
)
def test_the_audit_finds_what_it_looks_for(person: MakePerson, fault: str, finding: str) -> None:
    page = person("", PHONE).page
    style = "<style>main { overflow: auto; height: 50vh } button { height: 44px; width: 44px }</style>"
    page.set_content(f"{style}<main><p>正文</p></main>")
    assert audit.findings(page) == []
    page.set_content(f"{style}<main><p>正文</p>{fault}</main>")
    assert [one for one in audit.findings(page) if one.startswith(finding)]


def test_a_change_of_a_listing_shows_on_open_pages(site: Site, person: MakePerson) -> None:
    seller, watcher, looker = person("卖家"), person("", PHONE), person("买家", PHONE)
    titles = {"下架": "要下架的书架", "已售出": "要卖掉的书架", "删除": "要删除的书架"}
    ids = {action: offer(site, seller.actor, title, category="furniture") for action, title in titles.items()}
    watcher.go("/?category=furniture")
    for action, shown_on_card, shown_on_page in (
        ("下架", "已下架", "已下架"),
        ("已售出", "已售出", "已售出"),
        ("删除", "已删除", "不存在或已被删除"),
    ):
        card = _card(watcher.page, titles[action])
        expect(card).to_be_visible()
        expect(card).not_to_contain_text(shown_on_card)
        looker.go(f"/listing/{ids[action]}")
        expect(looker.page.get_by_role("button", name="想要")).to_be_visible()
        _press(seller.go(f"/listing/{ids[action]}"), action)
        expect(card).to_contain_text(shown_on_card, timeout=actions.LIVE)
        expect(looker.page.get_by_role("main")).to_contain_text(shown_on_page, timeout=actions.LIVE)
    seller.go(f"/listing/{ids['下架']}").get_by_role("button", name="上架").click()
    expect(_card(watcher.page, titles["下架"])).not_to_contain_text("已下架", timeout=actions.LIVE)


def _card(page: Page, title: str) -> Locator:
    """By its text: a deleted listing keeps its place, but is no link any more."""
    return page.get_by_role("main").locator("a, [role=link]").filter(has_text=title)


def _press(page: Page, action: str) -> None:
    page.get_by_role("button", name=action, exact=True).click()
    if action == "删除":
        page.get_by_role("alertdialog").get_by_role("button", name="删除", exact=True).click()


def test_one_reads_in_the_navigation_where_one_is(site: Site, person: MakePerson) -> None:
    me, other = person("小明", PHONE), person("李阿姨")
    write(site, other.actor, me.actor, "你好")
    me.go("/")
    for name in ("发布", "消息", "我的", "首页"):
        actions.nav(me.page, name).click()
        expect(actions.nav(me.page, name)).to_have_attribute("aria-current", "page")
        expect(me.page.get_by_role("navigation", name="主导航").locator("[aria-current=page]")).to_have_count(1)
    me.go(f"/messages/{other.id}")
    expect(actions.nav(me.page, "消息")).to_have_attribute("aria-current", "page")


def test_logging_out_in_one_tab_logs_the_other_out(person: MakePerson) -> None:
    me = person("小明")
    other_tab, private_tab = me.tab("/"), me.tab("/messages")
    expect(other_tab.get_by_role("banner")).to_contain_text(me.name)
    expect(private_tab.get_by_role("heading", name="消息")).to_be_visible()
    me.go("/me").get_by_role("button", name="退出登录").click()
    me.page.wait_for_url(f"{BASE}/")
    for page in (me.page, other_tab):
        expect(page.get_by_role("banner")).to_contain_text("登录", timeout=actions.LIVE)
        expect(page.get_by_role("banner")).not_to_contain_text(me.name)
    private_tab.wait_for_url(re.compile("/login"))
    me.go("/me")
    me.page.wait_for_url(re.compile(r"/login\?next=%2Fme"))


def test_a_listing_of_ones_own_has_edit_and_no_want(site: Site, person: MakePerson) -> None:
    seller, other = person("卖家"), person("买家", PHONE)
    listing_id = offer(site, seller.actor, "可以编辑的台灯")
    page = seller.go(f"/listing/{listing_id}")
    expect(page.get_by_role("link", name="编辑")).to_be_visible()
    expect(page.get_by_role("button", name="想要")).to_have_count(0)
    other.go(f"/listing/{listing_id}")
    expect(other.page.get_by_role("button", name="想要")).to_be_visible()
    expect(other.page.get_by_role("link", name="编辑")).to_have_count(0)
    _edit_price(seller, "99.00")
    expect(other.page.get_by_role("main")).to_contain_text("99.00", timeout=actions.LIVE)
    _cannot_edit(other, listing_id)


def _edit_price(seller: Person, price: str) -> None:
    page = seller.page
    page.get_by_role("link", name="编辑").click()
    expect(page.get_by_role("textbox", name="标题")).to_have_value("可以编辑的台灯")
    expect(actions.photos_in_form(page)).to_have_count(1)
    page.get_by_label("价格").fill(price)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text(price)


def _cannot_edit(other: Person, listing_id: int) -> None:
    other.go(f"/listing/{listing_id}/edit")
    expect(other.page.get_by_role("main")).to_contain_text("只有发布者本人")
    expect(other.page.get_by_role("button", name="保存")).to_have_count(0)
