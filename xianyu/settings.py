"""Configuration: the environment, read once into one frozen object.

Nothing else in the project reads ``os.environ``. Every field is one variable with the prefix
``XIANYU_``; the table in README.md documents them, and a test compares the two.
"""

import base64
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
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


def _mongodb(value: str) -> str:
    if value and not value.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("must be a mongodb:// or mongodb+srv:// URL")
    return value


def _mail_server(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
        raise ValueError("must be an smtp:// or smtps:// URL")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must name a time zone of the IANA database, such as Asia/Shanghai") from error
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an absolute http:// or https:// URL")
    return value.rstrip("/")


# Characters; in hexadecimal digits these are 128 bits.
SHORTEST_KEY = 32


def _key(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"must have at least {SHORTEST_KEY} characters, best random ones (openssl rand -hex 32)")
    return value


_PUSH_CONTACT = re.compile(r"mailto:[^\s@]+@[^\s@]+|https://[^\s/]+\S*")


def _push_private_key(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        push_public_key_of(value.get_secret_value())
    return value


def push_public_key_of(private_key: str) -> str:
    """The public key that belongs to a private one of Web Push, both in base64url (RFC 8292, 3.2).

    Raises:
        ValueError: if it is none.
    """
    padded = private_key + "=" * (-len(private_key) % 4)
    try:
        number = int.from_bytes(base64.b64decode(padded, altchars=b"-_", validate=True), "big")
        point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise ValueError("must be a key as make-push-keys prints it") from error
    public = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(public).rstrip(b"=").decode()


def _push_contact(value: str) -> str:
    if value and not _PUSH_CONTACT.fullmatch(value):
        raise ValueError("must be mailto: and an address, or an https:// URL")
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
    timezone: Annotated[str, AfterValidator(_time_zone)] = Field(
        default="Asia/Shanghai",
        description="The compound's time zone, in which times of activities are typed and shown.",
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        default="http://localhost:3000",
        description="The address that people type; unset it follows the port. https makes cookies Secure.",
    )
    # Neighbours come from other machines, so every interface is meant.
    host: str = Field(default="0.0.0.0", description="The interface to listen on.")  # noqa: S104 - see above
    port: int = Field(default=3000, ge=1, le=65535, description="The port to listen on.")
    data_dir: Path = Field(default=Path("data"), description="Where the SQLite database and the pictures live.")
    database_url: Annotated[str, AfterValidator(_driver)] = Field(
        default="", description="A SQLAlchemy URL; empty means SQLite inside the data directory."
    )
    mongodb_url: Annotated[str, AfterValidator(_mongodb)] = Field(
        default="", description="MongoDB for messages: mongodb://host:27017/xianyu; empty keeps them in the database."
    )
    session_days: int = Field(default=30, ge=1, le=365, description="How long a login lasts without a visit, in days.")
    smtp_url: Annotated[str, AfterValidator(_mail_server)] = Field(
        default="",
        description="Where mail goes out: smtp://user:password@host:587 (STARTTLS) or smtps://…:465. "
        "Empty prints mails to the console, or where the public URL is https, drops them.",
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
    room_pause: int = Field(
        default=3, ge=0, le=3600, description="Seconds between two messages of one person in the public room; 0: none."
    )
    newcomer_listings: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="Listings that an account of its first 24 hours publishes within an hour before further ones wait "
        "for an operator; 0: any number.",
    )
    newcomer_contacts: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="Strangers that such an account writes to within an hour before further messages wait for an "
        "operator; 0: any number.",
    )
    order_answer_hours: int = Field(
        default=24, ge=1, le=720, description="Hours after which an order or an offer that nobody answers expires."
    )
    order_complete_days: int = Field(
        default=10, ge=1, le=90, description="Days after which an order that was shipped completes by itself."
    )
    review_days: int = Field(
        default=30, ge=1, le=365, description="Days after its completion in which an order can be reviewed."
    )
    redis_url: str = Field(default="", description="Redis for what several workers share; empty keeps it in memory.")
    secret_key: Annotated[SecretStr, AfterValidator(_key)] = Field(
        default=SecretStr(""),
        description="Encrypts the secrets of two-step logins, at least 32 characters; empty makes one in the data "
        "directory.",
    )
    breached_passwords_url: str = Field(
        default="",
        description="A k-anonymity range service, asked with five digits of a password's hash; empty asks nobody.",
    )
    llm_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="",
        description="An OpenAI-compatible endpoint, up to /v1, that helps to understand plain-language searches; "
        "empty leaves that to the built-in parser.",
    )
    llm_model: str = Field(default="", max_length=200, description="The model to ask there.")
    llm_key: SecretStr = Field(default=SecretStr(""), description="The key for that endpoint, if it needs one.")
    push_public_key: str = Field(
        default="", description="The public key of Web Push; make-push-keys prints all three. Empty: no push."
    )
    push_private_key: Annotated[SecretStr, AfterValidator(_push_private_key)] = Field(
        default=SecretStr(""), description="The private key that belongs to it."
    )
    push_contact: Annotated[str, AfterValidator(_push_contact)] = Field(
        default="",
        description="Whom a push service may write to about this site: mailto:somebody@example.org or an https URL.",
    )
    push_allow_local: bool = Field(
        default=False,
        description="Whether push services may lie in the server's own network and speak plain http; for tests.",
    )
    operators_need_totp: bool = Field(default=False, description="Whether operators must use two-step login.")
    metrics_token: Annotated[SecretStr, AfterValidator(_key)] = Field(
        default=SecretStr(""),
        description="What a Prometheus server shows as its bearer token to read /metrics, at least 32 characters; "
        "empty means that there is no such page.",
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")

    @model_validator(mode="before")
    @classmethod
    def _follow_port(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Whoever sets nothing but another port means this machine under that port."""
        if "port" in given and "public_url" not in given:
            return {**given, "public_url": f"http://localhost:{given['port']}"}
        return given

    @model_validator(mode="after")
    def _push_is_whole(self) -> "Settings":
        """Web Push needs all three or none; a key without the other would fail only as somebody subscribes."""
        private = self.push_private_key.get_secret_value()
        given = [bool(value) for value in (self.push_public_key, private, self.push_contact)]
        if any(given) and not all(given):
            raise ValueError("push_public_key, push_private_key and push_contact are set together or not at all")
        if private and push_public_key_of(private) != self.push_public_key.rstrip("="):
            raise ValueError("push_public_key does not belong to push_private_key")
        return self

    @property
    def pushes(self) -> bool:
        """Whether devices can be told of messages by Web Push."""
        return bool(self.push_public_key)

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
