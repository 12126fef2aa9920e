"""The security log's lines, and what never gets into any log."""

import json
import logging
import sys
from typing import Any

import pytest
import sqlalchemy as sa

from xianyu.adapters import logs, security_log
from xianyu.adapters.database import Database


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == security_log.LOGGER]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def test_a_line_says_who_what_from_where_and_how_it_ended(caplog: pytest.LogCaptureFixture) -> None:
    security_log.record("login", "success", user_id=3, session_id=7, address="192.0.2.1", way="password")
    line = lines(caplog)[0]
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "logger": "xianyu.security",
        "event": "login",
        "outcome": "success",
        "user_id": 3,
        "session_id": 7,
        "address": "192.0.2.1",
        "way": "password",
    }


def test_what_is_not_known_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    security_log.record("login", "failure")
    assert set(lines(caplog)[0]) == {"time", "logger", "event", "outcome"}


@pytest.mark.parametrize("text", ["a\nb", 'a"}\n{"event": "login"', "\u2028x\x85", "\ud800", "x" * 10_000])
def test_no_text_of_a_strangers_can_make_a_line_of_its_own(caplog: pytest.LogCaptureFixture, text: str) -> None:
    security_log.record("refused", "refused", origin=text)
    message = caplog.records[0].getMessage()
    assert message.isascii()
    assert len(message.splitlines()) == 1
    assert json.loads(message)["origin"] == text[:200]


def formatted(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(logs.JsonLines().format(record))
    return line


def test_other_records_become_one_line_of_json_too() -> None:
    try:
        int("broken")
    except ValueError:
        record = logging.LogRecord("xianyu.x", logging.ERROR, "x.py", 1, "failed\n%s", ("x",), sys.exc_info())
    line = formatted(record)
    assert (line["logger"], line["level"], line["message"]) == ("xianyu.x", "ERROR", "failed\nx")
    assert line["exception"].startswith("Traceback")
    assert "\n" not in logs.JsonLines().format(record)


def test_a_line_of_the_security_log_is_not_wrapped_in_another(caplog: pytest.LogCaptureFixture) -> None:
    security_log.record("login", "success", user_id=1)
    assert formatted(caplog.records[0])["event"] == "login"


@pytest.fixture
def levels() -> Any:
    names = ("xianyu", security_log.LOGGER, logs.QUOTES_ARGUMENTS)
    before = [logging.getLogger(name).level for name in names]
    yield
    for name, level in zip(names, before, strict=True):
        logging.getLogger(name).setLevel(level)
    for one in list(logging.getLogger(logs.QUOTES_EVENTS).filters):
        logging.getLogger(logs.QUOTES_EVENTS).removeFilter(one)


@pytest.mark.usefixtures("levels")
def test_the_level_is_the_settings_but_the_security_log_stays_whole() -> None:
    logs.set_up("ERROR")
    assert not logging.getLogger("xianyu.states.failures").isEnabledFor(logging.WARNING)
    assert logging.getLogger(security_log.LOGGER).isEnabledFor(logging.INFO)


def test_a_statement_that_fails_does_not_tell_its_values(sqlite_database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught:
        sqlite_database.read(
            lambda session: session.execute(
                sa.text("INSERT INTO message (conversation_id, seq, body) VALUES (1, 1, :body)"),
                {"body": "钥匙在门垫下"},
            )
        )
    assert "钥匙" not in str(caught.value)
