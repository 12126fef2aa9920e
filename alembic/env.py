"""Runs migrations against the database of the settings, or the one a caller passes in."""

from alembic import context
from xianyu.adapters.database import Database
from xianyu.models import metadata
from xianyu.settings import get_settings


def _belongs_to_models(item: object, name: str | None, kind: str, reflected: bool, _counterpart: object) -> bool:
    """Leave out the full-text index, which is different on each database and made by hand."""
    if not reflected or name is None:
        return True
    if kind == "table":
        return name != "search_index" and not name.startswith("search_index_")
    table = getattr(getattr(item, "table", None), "name", "")
    return table != "search_document" or name not in {"words", "ix_search_document_words"}


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
                include_object=_belongs_to_models,
                # SQLite changes a column only by copying its table.
                render_as_batch=database.is_sqlite,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        database.engine.dispose()


run()
