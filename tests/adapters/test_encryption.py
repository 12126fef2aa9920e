"""Secrets that only this server can read."""

import stat
from functools import partial

import pytest

from tests.concurrency import race
from xianyu.adapters import encryption
from xianyu.settings import Settings, get_settings


def test_what_is_encrypted_can_be_read_again() -> None:
    encrypted = encryption.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DP" not in encrypted
    assert encryption.encrypt("JBSWY3DPEHPK3PXP") != encrypted
    assert encryption.decrypt(encrypted) == "JBSWY3DPEHPK3PXP"


def test_without_a_setting_the_key_is_a_file_that_nobody_else_reads(settings: Settings) -> None:
    encryption.encrypt("x")
    path = settings.data_dir / encryption.KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 64
    assert [file.name for file in settings.data_dir.iterdir()] == [encryption.KEY_FILE]


def test_those_who_make_the_key_at_once_agree_on_it(settings: Settings) -> None:
    encrypted = race(*[partial(encryption.encrypt, "x")] * 8)
    assert [encryption.decrypt(str(one)) for one in encrypted] == ["x"] * 8
    assert [file.name for file in settings.data_dir.iterdir()] == [encryption.KEY_FILE]


def test_the_setting_is_the_key_where_there_is_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypted = encryption.encrypt("x")
    monkeypatch.setenv("XIANYU_SECRET_KEY", "任意一句足够长的话" * 4)
    get_settings.cache_clear()
    with pytest.raises(encryption.Unreadable):
        encryption.decrypt(encrypted)
    assert encryption.decrypt(encryption.encrypt("x")) == "x"


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA==", "密"])
def test_what_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(encryption.Unreadable):
        encryption.decrypt(damaged)
