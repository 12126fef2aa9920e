"""Configuration: the environment, read once into one frozen object.

Nothing else in the project reads ``os.environ``. Every field is one variable with the prefix
``XIANYU_``; the table in README.md documents them, and a test compares the two.
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
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


def _mail_server(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
        raise ValueError("must be an smtp:// or smtps:// URL")
    return value


class OidcProvider(BaseModel):
    """A third party that logs people in through OpenID Connect.

    ``name`` is part of addresses and of stored identities and must never change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[a-z0-9-]{1,32}$")
    label: str = Field(min_length=1, max_length=20)
    issuer: str = Field(pattern="^https?://")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")


def _distinct(providers: tuple[OidcProvider, ...]) -> tuple[OidcProvider, ...]:
    """Refuse two providers of one name: the accounts of one would open those of the other."""
    names = [provider.name for provider in providers] + ["github"]
    if len(set(names)) < len(names):
        raise ValueError("each needs a name of its own, and github is GitHub's")
    return providers


class Settings(BaseSettings):
    """Everything that an operator can set."""

    # A refused URL holds a password, and what the program says as it stops ends up in logs.
    model_config = SettingsConfigDict(
        env_prefix="XIANYU_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

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
    smtp_url: Annotated[str, AfterValidator(_mail_server)] = Field(
        default="",
        description="Where mail goes out: smtp://user:password@host:587 (STARTTLS) or smtps://…:465. "
        "Empty prints mails to the console.",
    )
    mail_from: str = Field(default="", description="The sender of mails; empty means xianyu@ the public URL's host.")
    oidc_providers: Annotated[tuple[OidcProvider, ...], AfterValidator(_distinct)] = Field(
        default=(),
        description="OpenID Connect providers as JSON: "
        '[{"name": "campus", "label": "校园账号", "issuer": "https://…", "client_id": "…", "client_secret": "…"}].',
    )
    github_client_id: str = Field(
        default="", description="GitHub's OAuth app, for 用 GitHub 登录; empty switches it off."
    )
    github_client_secret: SecretStr = Field(default=SecretStr(""), description="The secret of that OAuth app.")
    trusted_proxy_hops: int = Field(
        default=0, ge=0, le=5, description="How many proxies stand before the server and add to X-Forwarded-For."
    )
    rate_allowance: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="Multiplies the rate limits, except those that guard passwords and mailboxes; raise it where "
        "many people share one address.",
    )
    redis_url: str = Field(default="", description="Redis for what several workers share; empty keeps it in memory.")
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Encrypts the secrets of two-step logins; empty makes one in the data directory.",
    )
    breached_passwords_url: str = Field(
        default="",
        description="A k-anonymity range service, asked with five digits of a password's hash; empty asks nobody.",
    )
    operators_need_totp: bool = Field(default=False, description="Whether operators must use two-step login.")
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
