"""The settings page and the second step of a login, over sockets, as the pages speak to the server."""

from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest

from tests.factories import PASSWORD, login_token, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.models import Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, logins, password_change, second_step
from xianyu.settings import get_settings

NEW = "另一个很长的密码 2"
TEST_CODE = "000000"


def next_code(secret: str) -> str:
    """A code that has not been used: the app's next one, which is good already."""
    return pyotp.TOTP(secret).at(utc_now() + timedelta(seconds=second_step.STEP))


def enrol(site: Site, actor: Actor) -> tuple[str, list[str]]:
    """Switch the second step on, with the code of the half minute before."""
    secret = second_step.new_secret()
    code = pyotp.TOTP(secret).at(utc_now() - timedelta(seconds=second_step.STEP))
    return secret, site.database.write(second_step.confirm, actor, secret, code)


async def first_step(site: Site, login: str, path: str = routes.LOGIN) -> Tab:
    tab = await site.tab(path)
    return await tab.call("login_state.submit", form={"login": login, "password": PASSWORD})


async def give_code(tab: Tab, code: Any) -> dict[str, Any]:
    await tab.call("login_state.submit_code", form={"code": code})
    return tab["login_state"]


async def enter(site: Site, tab: Tab) -> Tab:
    """What the page does with a ticket."""
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        fields = {"ticket": tab["login_state"]["ticket"], "next": tab["login_state"]["next_path"]}
        answer = await browser.post(routes.SESSION, data=fields)
        return await site.tab(answer.headers["location"], answer.cookies[session_cookie_name()])


# Two-step logins.


async def test_a_login_with_a_code(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    secret, _ = enrol(site, actor)
    tab = await first_step(site, "王小明", f"{routes.LOGIN}?next=/sell")
    assert (tab["login_state"]["needs_code"], tab["login_state"]["ticket"]) == (True, "")
    assert (await give_code(tab, next_code(secret)))["ticket"] != ""
    inside = await enter(site, tab)
    assert inside["shell_state"]["user_id"] == actor.user_id
    assert inside["state"]["rx_router_url"]["path"] == "/sell"
    assert secret not in tab.said()


async def test_a_code_logs_in_one_of_two_tabs(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    secret, recovery = enrol(site, actor)
    for code in (next_code(secret), recovery[0]):
        tabs = [await first_step(site, "王小明") for _ in range(2)]
        for tab in tabs:
            await tab.emit("login_state.submit_code", form={"code": code})
        states = [(await tab.settle())["login_state"] for tab in tabs]
        assert sorted(bool(state["ticket"]) for state in states) == [False, True]
        assert sorted(str(state["errors"]) for state in states)[1] == "{}"


async def test_a_wrong_code_is_no_login(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    enrol(site, actor)
    tab = await first_step(site, "王小明")
    for code in ("", " ", "000 00", "AAAA-BBBB", None, ["000000"]):
        state = await give_code(tab, code)
        assert list(state["errors"]) == ["code"]
        assert (state["ticket"], state["busy"], state["needs_code"]) == ("", False, True)


async def test_after_five_codes_the_password_is_due_again(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    secret, _ = enrol(site, actor)
    tab = await first_step(site, "王小明")
    for _ in range(logins.HALF_LOGIN_ATTEMPTS):
        assert (await give_code(tab, "12345"))["needs_code"] is True
    state = await give_code(tab, next_code(secret))
    assert (state["ticket"], state["needs_code"]) == ("", False)
    assert "请重新登录" in state["errors"]["login"]
    # The half-done login is gone, not only hidden.
    assert (await give_code(tab, next_code(secret)))["ticket"] == ""


async def test_beginning_again_does_not_buy_codes_without_end(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    secret, _ = enrol(site, actor)
    said = ""
    for _ in range(3):
        tab = await first_step(site, "王小明")
        for _ in range(4):
            said = (await give_code(tab, "12345"))["errors"]["code"]
    assert "操作太频繁" in said
    assert "操作太频繁" in (await give_code(await first_step(site, "王小明"), next_code(secret)))["errors"]["code"]


async def test_a_code_without_a_password_is_nothing(site: Site) -> None:
    secret, _ = enrol(site, make_user(site.database, "王小明"))
    tab = await site.tab(routes.LOGIN)
    state = await give_code(tab, next_code(secret))
    assert (state["ticket"], state["needs_code"]) == ("", False)


@pytest.mark.parametrize("leave", ["login_state.start_over", "login_state.load"])
async def test_a_half_done_login_can_be_given_up(leave: str, site: Site) -> None:
    secret, _ = enrol(site, make_user(site.database, "王小明"))
    tab = await first_step(site, "王小明")
    await tab.call(leave)
    assert tab["login_state"]["needs_code"] is False
    assert (await give_code(tab, next_code(secret)))["ticket"] == ""


async def test_an_operator_is_sent_to_set_it_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_OPERATORS_NEED_TOTP", "true")
    get_settings.cache_clear()
    operator, member = make_user(site.database, role=Role.OPERATOR), make_user(site.database)
    assert (await site.tab_of(operator, routes.HOME)).redirects() == [routes.SETTINGS]
    settings = await site.tab_of(operator, routes.SETTINGS)
    assert settings.redirects() == []
    assert settings["settings_second_step_state"]["view"]["is_demanded"] is True
    assert (await site.tab_of(member, routes.HOME)).redirects() == []
    enrol(site, operator)
    assert (await site.tab_of(operator, routes.HOME)).redirects() == []


# The card that sets it up.


async def test_setting_it_up_and_switching_it_off(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    tab = await site.tab_of(actor, routes.SETTINGS)
    card = tab["settings_second_step_state"]
    await tab.call("settings_second_step_state.begin", form={"step_password": "wrong password"})
    assert card["errors"] == {"step_password": password_change.WRONG}
    assert card["enrolment"]["key"] == ""

    await tab.call("settings_second_step_state.begin", form={"step_password": PASSWORD})
    secret = card["enrolment"]["key"].replace(" ", "")
    await tab.call("settings_second_step_state.confirm", form={"code": "12345"})
    assert list(card["errors"]) == ["code"]
    assert card["view"]["is_on"] is False
    await tab.call("settings_second_step_state.confirm", form={"code": pyotp.TOTP(secret).now()})
    assert (card["view"]["is_on"], len(card["codes"])) == (True, 10)
    assert card["enrolment"] == {"qr": "", "key": ""}
    codes = card["codes"]
    await tab.call("settings_second_step_state.leave")
    assert card["codes"] == []

    form = {"step_password": PASSWORD, "code": codes[0]}
    await tab.call("settings_second_step_state.renew", form=form | {"step_password": ""})
    assert card["errors"] == {"step_password": password_change.WRONG}
    await tab.call("settings_second_step_state.renew", form=form)
    fresh = card["codes"]
    assert len({*codes, *fresh}) == 20
    await tab.call("settings_second_step_state.disable", form=form)
    assert list(card["errors"]) == ["code"]
    await tab.call("settings_second_step_state.disable", form=form | {"code": fresh[0]})
    assert (card["errors"], card["view"]["is_on"], card["codes"]) == ({}, False, [])


async def test_a_secret_is_gone_when_the_page_is_opened_again(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.SETTINGS)
    await tab.call("settings_second_step_state.begin", form={"step_password": PASSWORD})
    secret = tab["settings_second_step_state"]["enrolment"]["key"].replace(" ", "")
    await tab.go(routes.SETTINGS)
    assert tab["settings_second_step_state"]["enrolment"]["key"] == ""
    await tab.call("settings_second_step_state.confirm", form={"code": pyotp.TOTP(secret).now()})
    assert tab["settings_second_step_state"]["view"]["is_on"] is False


# Passwords and logins.


async def test_a_new_password_puts_the_other_browser_out_at_once(site: Site) -> None:
    actor = make_user(site.database, "王小明")
    here = await site.tab_of(actor, routes.SETTINGS)
    ticket = site.database.write(accounts.issue_ticket, actor.user_id)
    cookie, _ = site.database.write(accounts.redeem_ticket, ticket, "", "Firefox", "192.0.2.1")
    there = await site.tab(routes.HOME, cookie)
    form = {"old_password": PASSWORD, "new_password": NEW, "confirmation": NEW}
    await here.call("settings_password_state.submit", form=form | {"old_password": "wrong password"})
    assert here["settings_password_state"]["errors"] == {"old_password": password_change.WRONG}
    assert there["shell_state"]["ended"] is False

    await here.call("settings_password_state.submit", form=form)

    assert here["settings_password_state"]["errors"] == {}
    assert "其他设备已退出（1）" in here["settings_password_state"]["done"]
    await there.until(lambda tab: tab["shell_state"]["ended"])
    assert there["shell_state"]["user_id"] == 0
    await here.call("shell_state.enter")
    assert here["shell_state"]["user_id"] == actor.user_id
    assert not any(secret in here.said() for secret in (PASSWORD, NEW))


async def test_a_login_is_revoked_at_once(site: Site) -> None:
    actor, stranger = make_user(site.database), make_user(site.database)
    here = await site.tab_of(actor, routes.SETTINGS)
    ticket = site.database.write(accounts.issue_ticket, actor.user_id)
    cookie, _ = site.database.write(accounts.redeem_ticket, ticket, "", "Firefox", "192.0.2.1")
    there = await site.tab(routes.HOME, cookie)
    await here.call("settings_logins_state.load")
    listed = here["settings_logins_state"]["logins"]
    assert [(one["device"], one["place"], one["is_current"]) for one in listed[1:]] == [("Firefox", "192.0.2.1", False)]

    await here.call("settings_logins_state.end", login_id=stranger.session_id)
    assert "这个登录已经退出了" in here.said()
    assert site.database.read(accounts.actor_of_session, stranger.session_id) is not None
    await here.call("settings_logins_state.end", login_id=listed[1]["id"])

    await there.until(lambda tab: tab["shell_state"]["ended"])
    assert len(here["settings_logins_state"]["logins"]) == 1
    assert site.database.read(accounts.resolve_actor, cookie) is None


async def test_guessing_the_password_from_inside_is_slowed(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.SETTINGS)
    form = {"old_password": "wrong password", "new_password": NEW, "confirmation": NEW}
    for _ in range(11):
        await tab.call("settings_password_state.submit", form=form)
    assert "操作太频繁" in tab["settings_password_state"]["errors"]["old_password"]


# Profiles.


async def test_a_new_name_is_seen_in_every_tab_of_ones_own(site: Site) -> None:
    actor = make_user(site.database, "wang")
    cookie = login_token(site.database, actor)
    here, there = [await site.tab(path, cookie) for path in (routes.SETTINGS, routes.HOME)]
    form = {"display_name": "王阿姨", "bio": "", "building": "3 号楼"}
    await here.call("settings_profile_state.save", form=form | {"bio": "长" * 201})
    assert list(here["settings_profile_state"]["errors"]) == ["bio"]
    await here.call("settings_profile_state.save", form=form)
    assert here["settings_profile_state"]["saved"] is True
    await there.until(lambda tab: tab["shell_state"]["name"] == "王阿姨")
    await here.until(lambda tab: tab["shell_state"]["name"] == "王阿姨")
    assert there["shell_state"]["username"] == "wang"


async def test_the_switch_for_mails(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.SETTINGS)
    for wanted in (False, True):
        await tab.call("settings_profile_state.choose_mail", wants_mail=wanted)
        assert tab["settings_profile_state"]["profile"]["wants_mail"] is wanted
