"""Brings a database to the newest schema, the only way in which tables come into being."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command

_ROOT = Path(__file__).resolve().parents[2]


def alembic_config(database_url: str = "") -> Config:
    """Alembic's configuration for one database, by default the settings' own."""
    config = Config(_ROOT / "alembic.ini")
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str = "", revision: str = "head") -> None:
    """Run every migration that the database has not seen, up to that revision."""
    command.upgrade(alembic_config(database_url), revision)


def remove_tables(database_url: str = "") -> None:
    """Undo every migration. What was in the tables is lost."""
    command.downgrade(alembic_config(database_url), "base")


def newest_revision() -> str:
    """What a database is at after every migration that this program knows."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def is_known(revision: str) -> bool:
    """Whether this program has such a migration."""
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return revision in {script.revision for script in scripts}
