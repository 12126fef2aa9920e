"""Migrations, each run in a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from alembic import command
from tests.backends import BACKENDS, new_database
from xianyu.adapters.database import Database
from xianyu.adapters.migrations import alembic_config, migrate
from xianyu.models import metadata
from xianyu.settings import Settings


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    with new_database(request.param, tmp_path) as url:
        yield url


def tables(url: str) -> set[str]:
    """The tables that there are, Alembic's own left out."""
    database = Database(url)
    try:
        return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}
    finally:
        database.engine.dispose()


def test_migrations_make_every_table(url: str) -> None:
    migrate(url)
    assert set(metadata.tables) <= tables(url)


def test_migrations_are_in_step_with_the_models(url: str) -> None:
    migrate(url)
    command.check(alembic_config(url))


def test_a_column_that_no_model_knows_is_noticed(url: str) -> None:
    migrate(url)
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE listing ADD COLUMN forgotten INTEGER"))
    database.engine.dispose()
    with pytest.raises(CommandError, match="forgotten"):
        command.check(alembic_config(url))


def test_down_and_up_again(url: str) -> None:
    migrate(url)
    made = tables(url)
    command.downgrade(alembic_config(url), "base")
    assert tables(url) == set()
    migrate(url)
    assert tables(url) == made
    command.check(alembic_config(url))


def test_each_revision_can_be_undone_and_redone(url: str) -> None:
    """One step at a time, since a downgrade may work only as part of a longer one."""
    config = alembic_config(url)
    for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        command.upgrade(config, script.revision)
        command.downgrade(config, "-1")
        command.upgrade(config, script.revision)


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate(url)
    made = tables(url)
    migrate(url)
    assert tables(url) == made


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_without_a_url_the_settings_name_the_database(settings: Settings) -> None:
    migrate()
    assert "user_account" in tables(f"sqlite:///{settings.data_dir}/xianyu.db")


def test_no_table_on_sqlite_hands_a_number_out_twice(settings: Settings) -> None:
    """Copying a table is how SQLite changes one, and the copy forgets what it was not told."""
    url = f"sqlite:///{settings.data_dir}/numbers.db"
    migrate(url)
    database = Database(url)
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
    database.engine.dispose()
    numbered = {name for name, table in metadata.tables.items() if table.dialect_options["sqlite"]["autoincrement"]}
    assert {"user_account", "listing"} <= numbered
    assert {name for name, text in rows if "AUTOINCREMENT" in text} == numbered


def test_rows_survive_a_copied_table_and_those_that_point_at_them(settings: Settings) -> None:
    url = f"sqlite:///{settings.data_dir}/rows.db"
    config = alembic_config(url)
    command.upgrade(config, "0001")
    database = Database(url)
    moment = "2026-01-01 00:00:00"
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO user_account (id, username, username_key, email, email_key, password_hash, role, created_at)"
            f" VALUES (7, '旧人', '旧人', 'old@example.com', 'old@example.com', 'x', 'member', '{moment}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO auth_session (token_hash, user_id, user_agent, created_at, seen_at, expires_at)"
            f" VALUES ('t', 7, '', '{moment}', '{moment}', '{moment}')"
        )
    for revision in ("head", "0001"):
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
        with database.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT username FROM user_account JOIN auth_session ON auth_session.user_id = user_account.id"
            )
            assert found.scalars().all() == ["旧人"]
    database.engine.dispose()
