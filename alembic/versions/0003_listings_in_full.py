"""Listings in full: more about each, videos, tags, favourites, drafts, sections, notices, the search index."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
OPTIONS = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}

# Where SQLite copies a table, the copy must go on numbering its rows, never handing a number out twice.
NUMBERED = {"sqlite_autoincrement": True}

# SQLite keeps the index in a table of its own, which triggers hold in step with the documents within
# each transaction. The other two keep theirs on the documents' own table.
_SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_index USING fts5(text, content=search_document, content_rowid=id, tokenize=ascii)",
    """
    CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN
        INSERT INTO search_index (rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.id, old.text);
    END
    """,
    """
    CREATE TRIGGER search_document_changed AFTER UPDATE OF id, text ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_index (rowid, text) VALUES (new.id, new.text);
    END
    """,
)
_POSTGRESQL_INDEX = (
    "ALTER TABLE search_document ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED",
    "CREATE INDEX ix_search_document_words ON search_document USING gin (words)",
)
_MARIADB_INDEX = ("CREATE FULLTEXT INDEX ix_search_document_words ON search_document (text)",)


def _create_full_text_index() -> None:
    indexes = {"sqlite": _SQLITE_INDEX, "postgresql": _POSTGRESQL_INDEX}
    for statement in indexes.get(op.get_bind().dialect.name, _MARIADB_INDEX):
        op.execute(statement)


def _drop_full_text_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Its triggers go with the documents' table.
        op.execute("DROP TABLE search_index")


def _create_search() -> None:
    op.create_table(
        "search_document",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("section", sa.String(length=16), nullable=False),
        sa.Column("ref_id", BigId, nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("section", "ref_id", name=op.f("uq_search_document_section_ref_id")),
        **OPTIONS,
    )
    op.create_table(
        "tag",
        sa.Column("name_key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("pinyin", sa.String(length=128), nullable=False),
        sa.Column("initials", sa.String(length=32), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name_key", name=op.f("pk_tag")),
        **OPTIONS,
    )
    with op.batch_alter_table("tag") as batch_op:
        batch_op.create_index("ix_tag_initials", ["initials"], unique=False)
        batch_op.create_index("ix_tag_pinyin", ["pinyin"], unique=False)


def _create_sections() -> None:
    op.create_table(
        "activity",
        sa.Column("id", BigId, nullable=False),
        sa.Column("organizer_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("signup_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("cover", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.CheckConstraint("signup_count <= capacity", name=op.f("ck_activity_not_overbooked")),
        sa.CheckConstraint("signup_count >= 0", name=op.f("ck_activity_signup_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["user_account.id"], name=op.f("fk_activity_organizer_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("activity") as batch_op:
        batch_op.create_index("ix_activity_feed", ["status", "published_at", "id"], unique=False)
        batch_op.create_index("ix_activity_organizer_id", ["organizer_id"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("cover", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_announcement_author_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("announcement") as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_announcement_feed", ["is_deleted", "is_pinned", "published_at", "id"], unique=False)


def _create_interests() -> None:
    op.create_table(
        "draft",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_draft_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_draft")),
        **OPTIONS,
    )
    op.create_table(
        "saved_search",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("query_hash", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("min_fen", sa.Integer(), nullable=True),
        sa.Column("max_fen", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_search_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("user_id", "query_hash", name=op.f("uq_saved_search_user_id_query_hash")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("saved_search") as batch_op:
        batch_op.create_index("ix_saved_search_category", ["category"], unique=False)

    op.create_table(
        "activity_signup",
        sa.Column("activity_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_signup_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_activity_signup_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "user_id", name=op.f("pk_activity_signup")),
        **OPTIONS,
    )
    with op.batch_alter_table("activity_signup") as batch_op:
        batch_op.create_index("ix_activity_signup_user_id", ["user_id"], unique=False)

    op.create_table(
        "favorite",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_favorite_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_favorite_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "listing_id", name=op.f("pk_favorite")),
        **OPTIONS,
    )
    with op.batch_alter_table("favorite") as batch_op:
        batch_op.create_index("ix_favorite_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_favorite_recent", ["user_id", "created_at", "listing_id"], unique=False)

    op.create_table(
        "listing_tag",
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("name_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_tag_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "position", name=op.f("pk_listing_tag")),
        **OPTIONS,
    )
    with op.batch_alter_table("listing_tag") as batch_op:
        batch_op.create_index("ix_listing_tag_name_key", ["name_key", "listing_id"], unique=False)

    op.create_table(
        "listing_view",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("viewed_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_view_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_listing_view_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "listing_id", name=op.f("pk_listing_view")),
        **OPTIONS,
    )
    with op.batch_alter_table("listing_view") as batch_op:
        batch_op.create_index(
            "ix_listing_view_recent", ["user_id", "is_hidden", "viewed_at", "listing_id"], unique=False
        )

    op.create_table(
        "listing_want",
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_want_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_listing_want_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "user_id", name=op.f("pk_listing_want")),
        **OPTIONS,
    )
    with op.batch_alter_table("listing_want") as batch_op:
        batch_op.create_index("ix_listing_want_user_id", ["user_id"], unique=False)


def _create_notices_and_videos() -> None:
    op.create_table(
        "notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("activity_id", BigId, nullable=True),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_notice_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_notice_actor_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_notice_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notice") as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_notice_box", ["user_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_listing_id"), ["listing_id"], unique=False)
        batch_op.create_index("ix_notice_unread", ["user_id", "is_read"], unique=False)

    op.create_table(
        "video",
        sa.Column("id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_video_listing_id_listing")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_video_owner_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video")),
        sa.UniqueConstraint("name", name=op.f("uq_video_name")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("video") as batch_op:
        batch_op.create_index("ix_video_orphans", ["listing_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_video_owner_id"), ["owner_id"], unique=False)


def _extend_listings() -> None:
    with op.batch_alter_table("listing", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), nullable=False, server_default="offer"))
        batch_op.add_column(sa.Column("category_group", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("condition", sa.String(length=16), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("original_price_fen", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("is_negotiable", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("place", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("view_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("want_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("favorite_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("bumped_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("created_at", Instant, nullable=True))
        batch_op.create_index("ix_listing_group_feed", ["category_group", "status", "published_at", "id"], unique=False)

    # Until now every category stood by itself, and nothing moved a listing in the feed.
    op.execute("UPDATE listing SET category_group = category, created_at = published_at")
    with op.batch_alter_table("listing", table_kwargs=NUMBERED) as batch_op:
        batch_op.alter_column("created_at", existing_type=Instant, nullable=False)

    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("activity_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("announcement_id", BigId, nullable=True))
        batch_op.create_index(batch_op.f("ix_photo_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_announcement_id"), ["announcement_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_photo_announcement_id_announcement"), "announcement", ["announcement_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_photo_activity_id_activity"), "activity", ["activity_id"], ["id"])


def upgrade() -> None:
    _create_search()
    _create_sections()
    _create_interests()
    _create_notices_and_videos()
    _extend_listings()
    _create_full_text_index()


# Those that refer to others first.
_TABLES = (  # noqa: SIM905 - a line for each name would say no more
    "video notice listing_want listing_view listing_tag favorite activity_signup saved_search draft "
    "announcement activity tag"
).split()


def downgrade() -> None:
    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_photo_activity_id_activity"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_photo_announcement_id_announcement"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_photo_announcement_id"))
        batch_op.drop_index(batch_op.f("ix_photo_activity_id"))
        batch_op.drop_column("announcement_id")
        batch_op.drop_column("activity_id")

    with op.batch_alter_table("listing", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_index("ix_listing_group_feed")
        batch_op.drop_column("created_at")
        batch_op.drop_column("bumped_at")
        batch_op.drop_column("favorite_count")
        batch_op.drop_column("want_count")
        batch_op.drop_column("view_count")
        batch_op.drop_column("version")
        batch_op.drop_column("place")
        batch_op.drop_column("is_negotiable")
        batch_op.drop_column("original_price_fen")
        batch_op.drop_column("condition")
        batch_op.drop_column("category_group")
        batch_op.drop_column("kind")
    for table in _TABLES:
        op.drop_table(table)
    _drop_full_text_index()
    op.drop_table("search_document")
