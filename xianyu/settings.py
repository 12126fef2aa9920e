"""Configuration: the environment, read once into one frozen object.

Nothing else in the project reads ``os.environ``. Every field is one variable with the prefix
``XIANYU_``; the table in README.md documents them, and a test compares the two.
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _origin(value: str) -> str:
    """Reduce a public URL to its origin, which is all that links and Origin checks need."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("must be an absolute http:// or https:// URL")
    return f"{parts.scheme}://{parts.netloc}"


def _driver(value: str) -> str:
    """Name the driver where a bare database URL leaves it open."""
    for bare, full in (
        ("postgresql://", "postgresql+psycopg://"),
        ("postgres://", "postgresql+psycopg://"),
        ("mysql://", "mysql+pymysql://"),
        ("mariadb://", "mariadb+pymysql://"),
    ):
        if value.startswith(bare):
            value = full + value.removeprefix(bare)
    if value and not value.startswith(("sqlite:", "postgresql+psycopg:", "mysql+pymysql:", "mariadb+pymysql:")):
        raise ValueError("must name SQLite, PostgreSQL, MySQL or MariaDB")
    return value


class Settings(BaseSettings):
    """Everything that an operator can set."""

    model_config = SettingsConfigDict(env_prefix="XIANYU_", env_file=".env", extra="ignore", frozen=True)

    site_name: str = Field(
        default="邻里闲鱼", min_length=1, max_length=20, description="Shown in titles and the header."
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        default="http://localhost:3000",
        description="The address that people type. https makes cookies Secure.",
    )
    # Neighbours come from other machines, so every interface is meant.
    host: str = Field(default="0.0.0.0", description="The interface to listen on.")  # noqa: S104 - see above
    port: int = Field(default=3000, ge=1, le=65535, description="The port to listen on.")
    data_dir: Path = Field(default=Path("data"), description="Where the SQLite database and the pictures live.")
    database_url: Annotated[str, AfterValidator(_driver)] = Field(
        default="", description="A SQLAlchemy URL; empty means SQLite inside the data directory."
    )
    session_days: int = Field(default=30, ge=1, le=365, description="How long a login lasts without a visit, in days.")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")

    @property
    def resolved_database_url(self) -> str:
        """The database to use: the one that was set, or the SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'xianyu.db'}"

    @property
    def media_dir(self) -> Path:
        """Where pictures are kept."""
        return self.data_dir / "media"

    @property
    def secure_cookies(self) -> bool:
        """Whether the public address is encrypted, so that cookies may demand it."""
        return self.public_url.startswith("https://")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read on first use."""
    return Settings()
