"""The settings: their documentation, their defaults, and what they refuse."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from xianyu.adapters.push_keys import make_keys
from xianyu.settings import Settings, get_settings

README = Path(__file__).resolve().parents[1] / "README.md"
ROW = re.compile(r"^\| `(XIANYU_[A-Z_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, str]:
    """The default that the README's table gives for each variable, without its code marks."""
    return {name: default.strip("`") for name, default, _ in ROW.findall(README.read_text(encoding="utf-8"))}


def actual() -> dict[str, str]:
    """The default that the class gives for each variable; an empty one is shown as such."""
    fields = Settings.model_fields.items()
    return {f"XIANYU_{name.upper()}": str(field.default) or "empty" for name, field in fields}


def test_the_readme_documents_every_setting_and_no_other() -> None:
    assert {name: default for name, default in documented().items() if not name.startswith("XIANYU_TEST_")} == actual()


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SITE_NAME", ""),
        ("SITE_NAME", "名" * 21),
        ("PUBLIC_URL", "market.example"),
        ("PUBLIC_URL", "ftp://market.example"),
        ("PUBLIC_URL", "https://"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("DATABASE_URL", "oracle://host/name"),
        ("DATABASE_URL", "postgresql+asyncpg://host/name"),
        ("DATABASE_URL", "xianyu.db"),
        ("SESSION_DAYS", "0"),
        ("SESSION_DAYS", "366"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "http://mail.example"),
        ("SMTP_URL", "smtp://"),
        ("TIMEZONE", "Beijing"),
        ("TIMEZONE", ""),
        ("TIMEZONE", "../etc/passwd"),
        ("SECRET_KEY", "x"),
        ("SECRET_KEY", "k" * 31),
        ("PUSH_PRIVATE_KEY", "x"),
        ("PUSH_PRIVATE_KEY", "A" * 43),
        ("PUSH_PRIVATE_KEY", "密钥"),
        ("PUSH_CONTACT", "office@example.org"),
        ("PUSH_CONTACT", "mailto:office"),
        ("PUSH_CONTACT", "http://market.example"),
        ("LOG_LEVEL", "debug"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_bad_value_stops_the_program_and_names_the_setting(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"XIANYU_{variable}", value)
    with pytest.raises(ValidationError, match=f"(?m)^{variable.lower()}$"):
        Settings()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@host/name", "postgresql+psycopg://u:p@host/name"),
        ("postgres://host/name", "postgresql+psycopg://host/name"),
        ("postgresql+psycopg://host/name", "postgresql+psycopg://host/name"),
        ("mysql://host/name", "mysql+pymysql://host/name"),
        ("mariadb://host/name", "mariadb+pymysql://host/name"),
        ("sqlite:////srv/market.db", "sqlite:////srv/market.db"),
    ],
)
def test_a_bare_database_url_gets_its_driver(given: str, used: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_DATABASE_URL", given)
    assert Settings().resolved_database_url == used


def test_the_default_database_lies_in_the_data_directory(settings: Settings) -> None:
    assert settings.resolved_database_url == f"sqlite:///{settings.data_dir.resolve()}/xianyu.db"
    assert settings.media_dir == settings.data_dir / "media"


@pytest.mark.parametrize(
    ("given", "origin", "secure"),
    [
        ("https://market.example/path?x=1", "https://market.example", True),
        ("http://192.168.1.5:3000/", "http://192.168.1.5:3000", False),
    ],
)
def test_the_public_url_is_an_origin(given: str, origin: str, secure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_PUBLIC_URL", given)
    settings = Settings()
    assert (settings.public_url, settings.secure_cookies) == (origin, secure)


@pytest.mark.parametrize("key", ["", "k" * 32, "任意一句足够长的话" * 4])
def test_a_key_is_long_or_none_at_all(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_SECRET_KEY", key)
    assert Settings().secret_key.get_secret_value() == key


def test_a_key_that_is_too_short_is_told_so_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_SECRET_KEY", "hunter2")
    with pytest.raises(ValidationError, match="must have at least 32 characters") as error:
        Settings()
    assert "hunter2" not in str(error.value)


PUSH = ("PUSH_PUBLIC_KEY", "PUSH_PRIVATE_KEY", "PUSH_CONTACT")


@pytest.mark.parametrize("missing", range(3))
def test_push_needs_its_settings_together(missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = make_keys()
    for number, value in enumerate((keys.public, keys.private, "https://market.example/contact")):
        if number != missing:
            monkeypatch.setenv(f"XIANYU_{PUSH[number]}", value)
    with pytest.raises(ValidationError, match="are set together") as error:
        Settings()
    assert keys.private not in str(error.value)
    monkeypatch.setenv(f"XIANYU_{PUSH[missing]}", (keys.public, keys.private, "mailto:a@b.example")[missing])
    assert Settings().pushes


def test_push_keys_must_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(PUSH, (make_keys().public, make_keys().private, "mailto:a@b.example"), strict=True):
        monkeypatch.setenv(f"XIANYU_{name}", value)
    with pytest.raises(ValidationError, match="does not belong to push_private_key"):
        Settings()


def test_without_keys_nothing_is_pushed(settings: Settings) -> None:
    assert not settings.pushes


def test_the_public_url_follows_the_port_until_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().public_url == "http://localhost:3000"
    monkeypatch.setenv("XIANYU_PORT", "4000")
    assert Settings().public_url == "http://localhost:4000"
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    assert Settings().public_url == "https://market.example"


def test_a_refused_url_does_not_tell_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_SMTP_URL", "http://user:hunter2@mail.example")
    with pytest.raises(ValidationError) as error:
        Settings()
    assert "hunter2" not in str(error.value)


def test_settings_are_read_once_and_cannot_be_changed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_PORT", "4000")
    assert get_settings() is settings
    with pytest.raises(ValidationError):
        settings.port = 5000


def test_a_dotenv_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("XIANYU_PORT=4321\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    assert Settings().port == 4321
