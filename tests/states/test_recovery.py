"""Asking for a reset mail and using its link, over a socket: what the answers tell, and what they do not."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.factories import PASSWORD, login_token, make_user
from tests.live_site import Site, Tab
from tests.mailbox import Mailbox, Received
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import MailedToken, User
from xianyu.services import accounts
from xianyu.settings import get_settings

NEW = "全新的密码 battery"
EXPIRED = "这个链接已失效"


async def arrived(mailbox: Mailbox, number: int, to: str = "") -> list[Received]:
    """The mails, once there are so many; the site runs on this loop and must not wait with the test."""
    return await asyncio.to_thread(mailbox.wait, number, to)


async def ask(site: Site, email: str) -> Tab:
    tab = await site.tab(routes.FORGOT_PASSWORD)
    return await tab.call("forgot_password_state.submit", form={"email": email})


def path_of(link: str) -> str:
    return link.removeprefix(get_settings().public_url)


async def follow(site: Site, link: str, cookie: str = "") -> Tab:
    """Open a link and go where the page sends the browser."""
    tab = await site.tab(path_of(link), cookie)
    [clean] = tab.redirects()
    return await tab.go(clean)


def answers(tab: Tab) -> list[str]:
    """What the tab was told, as it was told, without what names the tab."""
    return [json.dumps(update, sort_keys=True).replace(tab.token, "") for update in tab.updates]


async def test_the_answer_is_the_same_for_everybody(site: Site, mailbox: Mailbox) -> None:
    make_user(site.database, email="known@example.com")
    said = []
    for email in ("known@example.com", "other@example.com"):
        tab = await site.tab(routes.FORGOT_PASSWORD)
        tab.updates.clear()
        await tab.call("forgot_password_state.submit", form={"email": email})
        assert tab["forgot_password_state"]["sent"] is True
        said.append(answers(tab))
    assert said[0] == said[1]
    [mail] = await arrived(mailbox, 1)
    assert mail.recipients == ["known@example.com"]


@pytest.mark.parametrize("email", ["known@example.com", "other@example.com"])
async def test_the_answer_waits_for_nothing_that_depends_on_the_address(
    email: str, site: Site, mailbox: Mailbox
) -> None:
    """The answer is there before the database has said whether anybody has the address."""
    make_user(site.database, email="known@example.com")
    tab = await site.tab(routes.FORGOT_PASSWORD)
    # Whoever wants to make a token waits for the writer of the database, which is taken.
    with site.database._writer:
        await tab.emit("forgot_password_state.submit", form={"email": email})
        await tab.until(lambda tab: tab["forgot_password_state"]["sent"])
        assert mailbox.mails == []
    await tab.settle()
    if email.startswith("known"):
        assert len(await arrived(mailbox, 1)) == 1


@pytest.mark.parametrize("typed", ["", "nowhere", None, ["known@example.com"]])
async def test_what_is_no_address_is_refused(typed: object, site: Site) -> None:
    tab = await site.tab(routes.FORGOT_PASSWORD)
    await tab.call("forgot_password_state.submit", form={"email": typed})
    assert set(tab["forgot_password_state"]["errors"]) == {"email"}
    assert tab["forgot_password_state"]["sent"] is False


async def test_mails_to_one_address_are_limited_alike_known_or_not(site: Site, mailbox: Mailbox) -> None:
    make_user(site.database, email="known@example.com")
    for email in ("known@example.com", "other@example.com"):
        said = [(await ask(site, email))["forgot_password_state"] for _ in range(4)]
        assert [one["sent"] for one in said] == [True, True, True, False]
        assert "操作太频繁，请" in said[-1]["errors"]["email"]
    assert len(await arrived(mailbox, 3)) == 3


async def test_a_link_is_followed_to_a_new_password(site: Site, mailbox: Mailbox) -> None:
    user = make_user(site.database, "alice", email="alice@example.com")
    elsewhere = await site.tab_of(user, routes.ME)
    await ask(site, "alice@example.com")
    [mail] = await arrived(mailbox, 1)
    tab = await follow(site, mail.link())
    assert tab["reset_password_state"]["step"] == "form"
    await tab.call("reset_password_state.submit", form={"password": NEW, "confirmation": NEW})
    assert tab["reset_password_state"]["step"] == "done"
    await elsewhere.until(lambda tab: tab["shell_state"]["ended"])
    credentials = site.database.read(accounts.find_credentials, "alice")
    assert accounts.check_password(credentials, NEW) == user.user_id
    notice = (await arrived(mailbox, 2))[1]
    assert "已修改" in str(notice.message["Subject"])
    # The second use of the link.
    again = await follow(site, mail.link())
    assert again["reset_password_state"]["step"] == "expired"
    assert EXPIRED in again["reset_password_state"]["problem"]


async def test_the_token_leaves_the_address_and_is_never_sent_back(site: Site, mailbox: Mailbox) -> None:
    make_user(site.database, email="alice@example.com")
    await ask(site, "alice@example.com")
    link = (await arrived(mailbox, 1))[0].link()
    token = link.partition("?token=")[2]
    tab = await site.tab(path_of(link))
    assert tab.commands("_redirect")[0]["replace"] is True
    tab.updates.clear()
    await tab.go(tab.commands("_redirect")[0]["path"] if tab.redirects() else routes.RESET_PASSWORD)
    await tab.call("reset_password_state.submit", form={"password": "short", "confirmation": "short"})
    assert tab["reset_password_state"]["errors"]
    assert token not in tab.said()
    assert token not in json.dumps(tab.vars)


async def test_a_refused_form_leaves_the_link_good(site: Site, mailbox: Mailbox) -> None:
    make_user(site.database, email="alice@example.com")
    await ask(site, "alice@example.com")
    tab = await follow(site, (await arrived(mailbox, 1))[0].link())
    await tab.call("reset_password_state.submit", form={"password": NEW, "confirmation": "other"})
    assert tab["reset_password_state"]["errors"] == {"confirmation": "两次输入的密码不一致"}
    assert tab["reset_password_state"]["busy"] is False
    await tab.call("reset_password_state.submit", form={"password": NEW, "confirmation": NEW})
    assert tab["reset_password_state"]["step"] == "done"


async def test_a_link_that_was_voided_while_the_form_was_open(site: Site, mailbox: Mailbox) -> None:
    make_user(site.database, "alice", email="alice@example.com")
    await ask(site, "alice@example.com")
    tab = await follow(site, (await arrived(mailbox, 1))[0].link())
    await ask(site, "alice@example.com")
    await arrived(mailbox, 2)
    await tab.call("reset_password_state.submit", form={"password": NEW, "confirmation": NEW})
    assert tab["reset_password_state"]["step"] == "expired"
    assert tab["reset_password_state"]["busy"] is False
    accounts.check_password(site.database.read(accounts.find_credentials, "alice"), PASSWORD)


@pytest.mark.parametrize("path", ["", "?token=", "?token=abc", f"?token={'A' * 43}"])
@pytest.mark.parametrize(
    ("route", "state", "event"),
    [
        (routes.RESET_PASSWORD, "reset_password_state", "submit"),
        (routes.CONFIRM_EMAIL, "confirm_email_state", "confirm"),
    ],
)
async def test_without_a_good_token_nothing_can_be_done(
    path: str, route: str, state: str, event: str, site: Site
) -> None:
    tab = await site.tab(route + path)
    for clean in tab.redirects():
        await tab.go(clean)
    assert tab[state]["step"] == "expired"
    assert EXPIRED in tab[state]["problem"]
    payload = {"form": {"password": NEW, "confirmation": NEW}} if event == "submit" else {}
    await tab.call(f"{state}.{event}", **payload)
    assert tab[state]["step"] == "expired"


def address_of(database: Database, user_id: int) -> str:
    return database.read(lambda session: session.get_one(User, user_id)).email


async def test_an_address_is_changed_by_the_button_and_not_by_the_link(site: Site, mailbox: Mailbox) -> None:
    user = make_user(site.database, email="old@example.com")
    tab = await site.tab_of(user, routes.SETTINGS)
    assert tab["settings_email_state"]["view"]["address"] == "old@example.com"
    await tab.call("settings_email_state.submit", form={"email": "new@example.com", "email_password": PASSWORD})
    assert tab["settings_email_state"]["sent_to"] == "new@example.com"
    [mail], [notice] = await arrived(mailbox, 1, "new@example.com"), await arrived(mailbox, 1, "old@example.com")
    assert "申请更换" in str(notice.message["Subject"])
    # In another browser, where nobody is logged in.
    page = await follow(site, mail.link())
    assert page["confirm_email_state"]["step"] == "ask"
    assert page["confirm_email_state"]["view"]["waiting"] == "new@example.com"
    assert address_of(site.database, user.user_id) == "old@example.com"
    await page.call("confirm_email_state.confirm")
    assert page["confirm_email_state"]["step"] == "done"
    assert address_of(site.database, user.user_id) == "new@example.com"
    assert "已更换" in str((await arrived(mailbox, 2, "old@example.com"))[1].message["Subject"])
    assert (await follow(site, mail.link()))["confirm_email_state"]["step"] == "expired"


REFUSED: list[tuple[dict[str, str], str, str]] = [
    ({"email": "nowhere", "email_password": PASSWORD}, "email", "邮箱格式不正确"),
    ({"email": "new@example.com", "email_password": ""}, "email_password", "请输入登录密码"),
    ({"email": "new@example.com", "email_password": "wrong password"}, "email_password", "密码不正确"),
    ({"email": "taken@example.com", "email_password": PASSWORD}, "email", "已被另一个账号使用"),
    ({"email": "OLD@example.com", "email_password": PASSWORD}, "email", "现在的邮箱"),
]


@pytest.mark.parametrize(("form", "field", "message"), REFUSED)
async def test_a_refused_change_says_why_and_sends_nothing(
    form: dict[str, str], field: str, message: str, site: Site, mailbox: Mailbox
) -> None:
    make_user(site.database, email="taken@example.com")
    tab = await site.tab_of(make_user(site.database, email="old@example.com"), routes.SETTINGS)
    await tab.call("settings_email_state.submit", form=form)
    assert message in tab["settings_email_state"]["errors"][field]
    assert (tab["settings_email_state"]["sent_to"], tab["settings_email_state"]["busy"]) == ("", False)
    assert (mailbox.mails, count_tokens(site.database)) == ([], 0)


def count_tokens(database: Database) -> int:
    return len(database.read(lambda session: session.exec(select(MailedToken)).all()))


async def test_an_account_without_a_password_that_logged_in_just_now_needs_none(site: Site, mailbox: Mailbox) -> None:
    user = make_user(site.database, email="old@example.com")
    bare = sa.update(User).where(col(User.id) == user.user_id).values(password_hash="")
    site.database.write(lambda session: session.execute(bare))
    tab = await site.tab_of(user, routes.SETTINGS)
    assert tab["settings_email_state"]["view"]["needs_proof"] is False
    await tab.call("settings_email_state.submit", form={"email": "new@example.com"})
    assert await arrived(mailbox, 1, "new@example.com")


async def test_guessing_the_password_in_the_settings_is_limited(site: Site, mailbox: Mailbox) -> None:
    user = make_user(site.database, email="old@example.com")
    tab = await site.tab(routes.SETTINGS, login_token(site.database, user))
    guess = {"email": "new@example.com", "email_password": "guessed it"}
    for _ in range(10):
        await tab.call("settings_email_state.submit", form=guess)
    await tab.call("settings_email_state.submit", form=guess | {"email_password": PASSWORD})
    assert "操作太频繁" in tab["settings_email_state"]["errors"]["email_password"]
    assert mailbox.mails == []


async def test_mails_to_new_addresses_are_limited(site: Site, mailbox: Mailbox) -> None:
    tab = await site.tab_of(make_user(site.database, email="old@example.com"), routes.SETTINGS)
    for number in range(4):
        form = {"email": f"new{number}@example.com", "email_password": PASSWORD}
        await tab.call("settings_email_state.submit", form=form)
    assert "操作太频繁" in tab["settings_email_state"]["errors"]["email"]
    assert len(await arrived(mailbox, 6)) == 6
