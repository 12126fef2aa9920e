"""Neighbours by name, in whichever database the test runs on."""

from pathlib import Path

import pytest

from tests.backups import fill, quiet
from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.services import backups
from xianyu.settings import get_settings


@pytest.fixture
def alice(database: Database) -> Actor:
    return make_user(database, username="小艾")


@pytest.fixture
def bob(database: Database) -> Actor:
    return make_user(database, username="老王")


@pytest.fixture
def carol(database: Database) -> Actor:
    return make_user(database, username="卡罗")


@pytest.fixture
def made(sqlite_database: Database, tmp_path: Path) -> tuple[Database, Path]:
    """A site with a backup of it."""
    fill(sqlite_database, get_settings())
    path = tmp_path / "backup.zip"
    backups.make(sqlite_database, get_settings(), path, quiet)
    return sqlite_database, path
