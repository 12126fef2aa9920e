"""Brings a database to the newest schema, the only way in which tables come into being."""

from pathlib import Path

from alembic.config import Config

from alembic import command

_ROOT = Path(__file__).resolve().parents[2]


def alembic_config(database_url: str = "") -> Config:
    """Alembic's configuration for one database, by default the settings' own."""
    config = Config(_ROOT / "alembic.ini")
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str = "") -> None:
    """Run every migration that the database has not seen."""
    command.upgrade(alembic_config(database_url), "head")
