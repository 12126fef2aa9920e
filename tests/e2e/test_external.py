"""Logging in through a third party in a browser, against a provider of another make on this machine."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import Person
from tests.e2e.site import BASE, Site
from tests.factories import PASSWORD, make_user
from tests.programs import free_port
from tests.third_parties import CLIENT_ID, CLIENT_SECRET, Campus, campus
from xianyu import routes
from xianyu.adapters.cookies import external_cookie_name, session_cookie_name
from xianyu.models import AuthSession, ExternalIdentity, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import second_step
from xianyu.settings import get_settings

pytestmark = pytest.mark.e2e

LOG_IN = "用 校园账号 登录"
DOWN = "对方的登录服务暂时无法访问"


@pytest.fixture(scope="module")
def provider(built_site: Site) -> Iterator[Campus]:
    """The site knows two providers while the tests of this module run: one that answers, and one that never does."""
    with campus() as running:
        _restart_with(built_site, running)
        yield running
    built_site.restart()


def _restart_with(site: Site, provider: Campus) -> None:
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    site.restart(
        oidc_providers=(
            {"name": "campus", "label": "校园账号", "issuer": provider.origin, **known},
            {"name": "gone", "label": "停机账号", "issuer": f"http://127.0.0.1:{free_port()}", **known},
        )
    )


def leaves_the_site(person: Person, provider: Campus) -> Person:
    """Lets the person's browser go to the provider, whose page asks for a style that is not here."""

    def stay_here(route: Route) -> None:
        route.abort()

    person.context.route(re.compile("^https://"), stay_here)
    person.faults.allow(f"^{re.escape(provider.origin)}/|^https://cdn|net::ERR_FAILED")
    return person


def arrive(page: Page, path: str) -> None:
    """Wait for a page of the site; its server ends addresses with a slash."""
    page.wait_for_url(re.compile(rf"^{re.escape(BASE + path)}/?(\?|$)"))


def agree(page: Page, provider: Campus, subject: str) -> str:
    """At the provider: say who one is and agree. The address that leads back is returned."""
    page.wait_for_url(f"{provider.origin}/**")
    page.get_by_placeholder("sub").fill(subject)
    with page.expect_request(re.compile(re.escape(f"{BASE}/auth/external/campus/callback?"))) as back:
        page.get_by_role("button", name="Authorize").click()
    return back.value.url


def log_in(page: Page, provider: Campus, subject: str, path: str = "/login") -> str:
    page.goto(BASE + path)
    page.get_by_role("link", name=LOG_IN).click()
    return agree(page, provider, subject)


def join(page: Page, provider: Campus, subject: str, username: str) -> None:
    """A newcomer, up to their own page."""
    provider.add_person(subject, email=f"{subject}@example.com", email_verified=True)
    log_in(page, provider, subject, f"/login?next={routes.ME}")
    page.get_by_role("textbox", name="用户名").fill(username)
    page.get_by_role("button", name="完成注册").click()
    arrive(page, routes.ME)


def expect_logged_in(page: Page, username: str) -> None:
    expect(page.get_by_role("banner").get_by_text(username)).to_be_visible()


def cookies(context: BrowserContext) -> dict[str, dict[str, object]]:
    return {str(cookie["name"]): dict(cookie) for cookie in context.cookies(BASE)}


def count_identities(site: Site, user_id: int) -> int:
    def work(session: Session) -> int:
        query = sa.select(sa.func.count()).where(col(ExternalIdentity.user_id) == user_id)
        return int(session.execute(query).scalar_one())

    return site.database.read(work)


def test_a_newcomer_joins_and_comes_back(provider: Campus, person: MakePerson) -> None:
    visitor = leaves_the_site(person(), provider)
    page = visitor.page
    provider.add_person("u-mei", email="mei@example.com", email_verified=True, preferred_username="小梅 同学")
    log_in(page, provider, "u-mei", f"/register?next={routes.ME}")

    arrive(page, routes.WELCOME)
    expect(page).to_have_title(re.compile("选个用户名"))
    expect(page.get_by_role("textbox", name="用户名")).to_have_value("小梅同学")
    expect(page.get_by_text("mei@example.com")).to_be_visible()
    page.get_by_role("textbox", name="用户名").fill("!")
    page.get_by_role("button", name="完成注册").click()
    expect(page.get_by_role("textbox", name="用户名")).to_have_accessible_description(
        re.compile("用户名需要 2 到 20 个字符")
    )
    expect(page.get_by_role("textbox", name="用户名")).to_have_value("!")
    page.get_by_role("textbox", name="用户名").fill("小梅")
    page.get_by_role("button", name="完成注册").click()

    arrive(page, routes.ME)
    expect_logged_in(page, "小梅")
    mine = cookies(visitor.context)
    assert (mine[session_cookie_name()]["httpOnly"], mine[session_cookie_name()]["sameSite"]) == (True, "Lax")

    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("link", name="登录 / 注册")).to_be_visible()
    log_in(page, provider, "u-mei", f"/login?next={routes.ME}")
    arrive(page, routes.ME)
    expect_logged_in(page, "小梅")
    assert external_cookie_name() not in cookies(visitor.context)


def test_an_answer_that_is_replayed_logs_nobody_in(site: Site, provider: Campus, person: MakePerson) -> None:
    neighbour = leaves_the_site(person(), provider)
    join(neighbour.page, provider, "u-replay", "重放者")
    neighbour.context.clear_cookies()
    url = log_in(neighbour.page, provider, "u-replay")
    expect_logged_in(neighbour.page, "重放者")

    thief = person()
    thief.page.goto(url)
    expect(thief.page.get_by_role("alert").filter(has_text="登录已失效或已经用过")).to_be_visible()
    expect(thief.page.get_by_role("link", name="登录 / 注册")).to_be_visible()
    assert session_cookie_name() not in cookies(thief.context)

    neighbour.context.clear_cookies()
    neighbour.page.goto(url)
    expect(neighbour.page.get_by_role("alert").filter(has_text="登录已失效或已经用过")).to_be_visible()
    assert session_cookie_name() not in cookies(neighbour.context)


def test_an_account_with_the_address_is_linked_by_its_password(
    site: Site, provider: Campus, person: MakePerson
) -> None:
    owner = make_user(site.database, "地址主人", email="owner@example.com")
    provider.add_person("u-owner", email="Owner@example.com", email_verified=True)
    page = leaves_the_site(person(), provider).page
    log_in(page, provider, "u-owner", f"/login?next={routes.ME}")

    arrive(page, routes.LINK)
    expect(page.get_by_text("地址主人")).to_be_visible()
    page.get_by_role("textbox", name="密码").fill("wrong password")
    page.get_by_role("button", name="绑定并登录").click()
    expect(page.get_by_role("textbox", name="密码")).to_have_accessible_description(re.compile("不正确"))
    assert count_identities(site, owner.user_id) == 0
    page.get_by_role("textbox", name="密码").fill(PASSWORD)
    page.get_by_role("button", name="绑定并登录").click()

    arrive(page, routes.ME)
    expect_logged_in(page, "地址主人")
    assert count_identities(site, owner.user_id) == 1


def add_second_step(site: Site, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> str:
    """Enrol an account, with the key that the running site encrypts with."""
    monkeypatch.setenv("XIANYU_DATA_DIR", str(site.data_dir))
    get_settings.cache_clear()
    secret = second_step.new_secret()
    site.database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    # As if the code of the enrolment were of a former half minute.
    fresh = sa.update(User).where(col(User.id) == actor.user_id).values(totp_step=0)
    site.database.write(lambda session: session.execute(fresh))
    return secret


def test_the_second_step_is_asked_for(
    site: Site, provider: Campus, person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = leaves_the_site(person(), provider)
    page = visitor.page
    actor = make_user(site.database, "两步走", email="two@example.com")
    provider.add_person("u-two", email="two@example.com", email_verified=True)
    log_in(page, provider, "u-two")
    page.get_by_role("textbox", name="密码").fill(PASSWORD)
    page.get_by_role("button", name="绑定并登录").click()
    expect_logged_in(page, "两步走")
    visitor.context.clear_cookies()

    secret = add_second_step(site, actor, monkeypatch)
    log_in(page, provider, "u-two", f"/login?next={routes.ME}")
    arrive(page, routes.LOGIN_CODE)
    page.get_by_role("textbox", name="验证码").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("textbox", name="验证码")).to_have_accessible_description(re.compile("验证码不正确"))
    assert session_cookie_name() not in cookies(visitor.context)
    page.get_by_role("textbox", name="验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="登录").click()
    arrive(page, routes.ME)
    expect_logged_in(page, "两步走")


def give_password(page: Page, password: str, action: str) -> None:
    """Fill in the form that asks for it, one of several on the page."""
    form = page.locator("form").filter(has=page.get_by_role("button", name=action))
    form.get_by_label("登录密码").fill(password)
    form.get_by_role("button", name=action).click()


def test_linking_and_unlinking_in_the_settings(site: Site, provider: Campus, person: MakePerson) -> None:
    neighbour = leaves_the_site(person("绑定者"), provider)
    page = neighbour.go(routes.SETTINGS)
    linked = page.get_by_role("list", name="已绑定的登录方式")
    page.get_by_role("button", name="绑定 校园账号").click()
    give_password(page, "wrong password", "确认绑定 校园账号")
    expect(page.get_by_role("alert").filter(has_text="当前密码不正确")).to_be_visible()
    give_password(page, PASSWORD, "确认绑定 校园账号")
    agree(page, provider, "u-link")
    arrive(page, routes.SETTINGS)
    expect(page.get_by_role("status").filter(has_text="已绑定")).to_be_visible()
    expect(linked.get_by_role("listitem")).to_contain_text("校园账号")
    assert count_identities(site, neighbour.id) == 1
    page.goto("about:blank")
    _restart_with(site, provider)
    page.goto(f"{BASE}{routes.SETTINGS}")
    expect(linked.get_by_role("listitem")).to_contain_text("校园账号")

    page.get_by_role("button", name=re.compile("^解绑 校园账号")).click()
    give_password(page, PASSWORD, "确认解绑 校园账号")
    expect(page.get_by_role("status").filter(has_text="已解绑")).to_be_visible()
    expect(linked.get_by_role("listitem")).to_have_count(0)
    assert count_identities(site, neighbour.id) == 0


def test_the_last_way_in_stays(provider: Campus, person: MakePerson) -> None:
    neighbour = leaves_the_site(person(), provider)
    page = neighbour.page
    join(page, provider, "u-last", "只有一把钥匙")
    page.goto(f"{BASE}{routes.SETTINGS}")
    page.get_by_role("button", name=re.compile("^解绑 校园账号")).click()
    expect(page.get_by_role("alert").filter(has_text="这是你唯一的登录方式")).to_be_visible()
    page.reload()
    expect(page.get_by_role("list", name="已绑定的登录方式").get_by_role("listitem")).to_have_count(1)


def test_an_old_login_without_a_password_has_to_be_a_new_one_first(
    site: Site, provider: Campus, person: MakePerson
) -> None:
    page = leaves_the_site(person(), provider).page
    join(page, provider, "u-old", "老登录的人")
    aged = sa.update(AuthSession).values(created_at=utc_now() - timedelta(minutes=11))
    site.database.write(lambda session: session.execute(aged))
    page.goto(f"{BASE}{routes.SETTINGS}")
    page.get_by_role("textbox", name="新邮箱").fill("elsewhere@example.com")
    page.get_by_role("button", name="发送确认邮件").click()
    expect(page.get_by_role("alert").filter(has_text="请重新登录，并在 10 分钟内完成这一步")).to_be_visible()
    page.get_by_role("link", name="重新登录").click()
    page.get_by_role("link", name=LOG_IN).click()
    agree(page, provider, "u-old")
    arrive(page, routes.SETTINGS)
    page.get_by_role("textbox", name="新邮箱").fill("elsewhere@example.com")
    page.get_by_role("button", name="发送确认邮件").click()
    expect(page.get_by_role("status").filter(has_text="elsewhere@example.com")).to_be_visible()


def test_a_provider_that_is_down_leaves_the_password(site: Site, provider: Campus, person: MakePerson) -> None:
    make_user(site.database, "用密码的人")
    page = person().go(f"/login?next={routes.ME}")
    page.get_by_role("link", name="用 停机账号 登录").click()
    expect(page.get_by_role("alert").filter(has_text=DOWN)).to_be_visible()
    actions.log_in_here(page, "用密码的人")
    arrive(page, routes.ME)
    expect_logged_in(page, "用密码的人")
