"""Mail through a real server: as it arrives, retried, refused, and at the end of the program."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.mailbox import PATIENCE, Mailbox, serving
from tests.programs import free_port
from tests.sending import LETTER, logged, received, send_one
from xianyu.adapters import mail as outgoing
from xianyu.adapters.mail import Mail, Outbox, deliver, to_message
from xianyu.settings import get_settings


async def test_a_mail_arrives_as_text_and_as_html(use: Callable[..., None]) -> None:
    mailbox, port = Mailbox(), free_port()
    use(smtp_url=f"smtp://127.0.0.1:{port}", public_url="https://market.example", site_name="静安闲置")
    with serving(mailbox, port):
        got = await send_one(mailbox)
    assert (got.sender, got.recipients) == ("xianyu@market.example", ["alice@example.com"])
    assert got.part("plain") == LETTER.text
    assert got.part("html") == LETTER.html
    head = got.message
    assert head.get_content_type() == "multipart/alternative"
    assert head["Subject"] == "重置你的密码"
    assert head["From"] == "静安闲置 <xianyu@market.example>"
    assert head["To"] == "alice@example.com"
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["Message-ID"].endswith("@market.example>")
    assert abs(parsedate_to_datetime(head["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("mail_from", "public_url", "sender"),
    [
        ("", "http://192.168.1.5:3000", "邻里闲鱼 <xianyu@[192.168.1.5]>"),
        ("", "http://[fd00::5]:3000", "邻里闲鱼 <xianyu@[IPv6:fd00::5]>"),
        ("", "http://localhost:3000", "邻里闲鱼 <xianyu@localhost>"),
        ("", "https://闲置.example", "邻里闲鱼 <xianyu@xn--os0a147b.example>"),
        ("post@market.example", "https://x.example", "邻里闲鱼 <post@market.example>"),
        ("物业 <post@market.example>", "https://x.example", "物业 <post@market.example>"),
    ],
)
def test_the_sender(mail_from: str, public_url: str, sender: str, use: Callable[..., None]) -> None:
    use(mail_from=mail_from, public_url=public_url)
    message = to_message(LETTER)
    assert str(message["From"]) == sender
    assert message.as_bytes().isascii()


@pytest.mark.parametrize(
    ("site", "written"),
    [
        (f"https://market.{'long-name.' * 12}example", f"https://market.{'long-name.' * 12}example"),
        ("https://闲置.example:8443", "https://xn--os0a147b.example:8443"),
        ("http://[fd00::5]:3000", "http://[fd00::5]:3000"),
    ],
)
async def test_the_address_to_unsubscribe_at_arrives_whole(site: str, written: str, use: Callable[..., None]) -> None:
    mailbox, port = Mailbox(), free_port()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    path = f"/unsubscribe?token=12.messages.{'Aa0_-' * 9}"
    with serving(mailbox, port):
        got = await send_one(mailbox, replace(LETTER, unsubscribe=site + path))
    assert f"List-Unsubscribe: <{written}{path}>".encode() in got.raw.splitlines()
    assert got.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_nobody_can_stop_offers_nothing() -> None:
    assert to_message(LETTER)["List-Unsubscribe"] is None


@pytest.mark.parametrize("breaking", ["\n", "\r\n", "\r", "\x00", "\u2028", "\x85", "\ud800"])
def test_no_value_becomes_another_header(breaking: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        Mail("alice@example.com", f"主题{breaking}Bcc: eve@example.com", "x", "x")
    with pytest.raises(ValueError, match="one line"):
        Mail(f"alice@example.com{breaking}Bcc: eve@example.com", "主题", "x", "x")


@pytest.mark.parametrize("to", ["alice@example.com, eve@example.com", "Eve <eve@example.com>", "alice", ""])
def test_a_mail_goes_to_one_address(to: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        to_message(Mail(to, "主题", "x", "x"))


async def test_an_address_in_chinese(use: Callable[..., None]) -> None:
    mailbox, port = Mailbox(), free_port()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port, enable_SMTPUTF8=True):
        got = await send_one(mailbox, Mail("邻居@例子.中国", "主题", "x\n", "x\n"))
    assert got.recipients == ["邻居@xn--fsqu00a.xn--fiqs8s"]
    assert got.message["To"] == "邻居@xn--fsqu00a.xn--fiqs8s"


async def test_a_server_that_was_down_gets_the_mail_when_it_is_up(
    use: Callable[..., None], fast: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outgoing, "ATTEMPTS", 1000)
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    async with outbox.delivering():
        outbox.put(LETTER)
        await logged(caplog, "tried again")
        with serving(mailbox, port):
            await received(mailbox)
    assert len(mailbox.mails) == 1


async def test_a_server_that_asks_to_wait_is_asked_again(use: Callable[..., None], fast: None) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    mailbox.answers = ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port):
        async with outbox.delivering():
            outbox.put(LETTER)
            await received(mailbox)
    assert (mailbox.refused, len(mailbox.mails)) == (2, 1)


async def test_a_final_refusal_is_logged_and_accepted(
    use: Callable[..., None], fast: None, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    mailbox.answers = ["550 5.1.1 no such person"]
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port):
        async with outbox.delivering():
            outbox.put(LETTER)
            line = await logged(caplog, "given up")
            outbox.put(Mail("bob@example.com", "下一封", "x\n", "x\n"))
            await received(mailbox)
    assert "after 1 tries" in line
    assert "no such person" in line
    assert [one.recipients for one in mailbox.mails] == [["bob@example.com"]]
    assert LETTER.text.strip() not in caplog.text


async def test_tries_are_bounded_and_pauses_grow(
    use: Callable[..., None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = list(outgoing._pauses())
    assert pauses[:4] == [2, 4, 8, 16]
    assert len(pauses) == outgoing.ATTEMPTS
    assert max(pauses) == outgoing.LONGEST_PAUSE
    monkeypatch.setattr(outgoing, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(outgoing, "ATTEMPTS", 4)
    use(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    outbox = Outbox()
    async with outbox.delivering():
        outbox.put(LETTER)
        await logged(caplog, "given up after 4 tries")


async def test_one_mail_that_waits_does_not_hold_up_others(use: Callable[..., None]) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    mailbox.answers = ["451 later"]
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port):
        async with outbox.delivering():
            outbox.put(LETTER)
            await asyncio.to_thread(mailbox.wait_refused, 1)
            outbox.put(Mail("bob@example.com", "下一封", "x\n", "x\n"))
            assert [one.recipients for one in await received(mailbox)] == [["bob@example.com"]]
    # The end came long before the pause was over, and was used for a last try.
    assert sorted(one.recipients[0] for one in mailbox.mails) == ["alice@example.com", "bob@example.com"]


async def test_what_waits_goes_out_before_the_end(use: Callable[..., None]) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port):
        async with outbox.delivering():
            for _ in range(20):
                outbox.put(LETTER)
    assert len(mailbox.mails) == 20
    assert len({one.message["Message-ID"] for one in mailbox.mails}) == 20


async def test_the_end_does_not_wait_for_a_server_that_hangs(
    use: Callable[..., None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outgoing, "DRAIN", 0.05)
    connected = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1")
    use(smtp_url=f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    outbox = Outbox()
    async with server, asyncio.timeout(PATIENCE), outbox.delivering():
        outbox.put(LETTER)
        await connected.wait()
    assert "1 mails were not delivered" in caplog.text


async def test_any_thread_may_put_mail_in(use: Callable[..., None]) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    # What was put in before delivery began is delivered as well.
    outbox.put(LETTER)
    with serving(mailbox, port):
        async with outbox.delivering():
            threads = [threading.Thread(target=outbox.put, args=[LETTER]) for _ in range(8)]
            for thread in threads:
                thread.start()
            await received(mailbox, 9)
            for thread in threads:
                thread.join()
    assert len(mailbox.mails) == 9


async def test_a_mail_that_cannot_be_made_stops_no_other(
    use: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    mailbox, port, outbox = Mailbox(), free_port(), Outbox()
    use(smtp_url=f"smtp://127.0.0.1:{port}")
    with serving(mailbox, port):
        async with outbox.delivering():
            outbox.put(Mail("nobody", "主题", "x", "x"))
            outbox.put(LETTER)
            await received(mailbox)
    assert "could not be made" in caplog.text


def test_a_full_outbox_drops_mail_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outgoing, "CAPACITY", 3)
    outbox = Outbox()
    for _ in range(4):
        outbox.put(LETTER)
    assert len(outbox._waiting) == 3
    assert "full" in caplog.text


async def test_without_a_server_mail_is_printed(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "outbox", Outbox())
    with caplog.at_level(logging.WARNING):
        async with deliver():
            assert "XIANYU_SMTP_URL is not set" in caplog.text
            outgoing.outbox.put(LETTER)
    shown = capsys.readouterr().out
    assert all(part in shown for part in (LETTER.to, LETTER.subject, LETTER.text))


async def test_in_production_a_mail_without_a_server_tells_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The links in mails open accounts: they have no place among the lines of a log that others keep."""
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()
    monkeypatch.setattr(outgoing, "outbox", Outbox())
    with caplog.at_level(logging.DEBUG):
        async with deliver():
            assert "mails are dropped" in caplog.text
            outgoing.outbox.put(LETTER)
    said = "".join(capsys.readouterr()) + caplog.text
    assert "was not sent: no mail server is set (XIANYU_SMTP_URL)" in said
    assert "was delivered" not in said
    assert not any(part in said for part in (LETTER.to, LETTER.subject, LETTER.text))
