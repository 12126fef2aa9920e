"""Runs migrations against the database of the settings, or the one a caller passes in."""

from alembic import context
from xianyu.adapters.database import Database
from xianyu.models import metadata
from xianyu.settings import get_settings


def run() -> None:
    """Connect and migrate. ``-x url=…`` or the ``database_url`` attribute name another database."""
    arguments = context.get_x_argument(as_dictionary=True)
    url = context.config.attributes.get("database_url") or arguments.get("url")
    database = Database(url or get_settings().resolved_database_url)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                # A table that is copied and dropped must not take along the rows that point at it.
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            context.configure(
                connection=connection,
                target_metadata=metadata,
                compare_type=True,
                # SQLite changes a column only by copying its table.
                render_as_batch=database.is_sqlite,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        database.engine.dispose()


run()
