"""A login at a third party: what it is begun with, who came back, and what it leads to."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Handshake:
    """What ties an answer of a third party to the question: each value secret, random and used once."""

    redirect_uri: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True)
class ExternalPerson:
    """Somebody as the third party knows them. ``email`` is empty where none was given."""

    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""


@dataclass(frozen=True)
class LoginUnderWay:
    """A login whose person is at the third party. ``user_id`` is who links an identity, if that is what for."""

    provider: str
    nonce: str
    code_verifier: str
    next_path: str
    user_id: int | None


class Step(StrEnum):
    """What a login at a third party led to."""

    LOGGED_IN = "logged_in"
    SECOND_STEP = "second_step"
    GIVE_PASSWORD = "give_password"  # noqa: S105 - a name, no secret
    CHOOSE_NAME = "choose_name"
    LINKED = "linked"


class Result(StrEnum):
    """How a login at a third party ended, as the next page's address says it."""

    LINKED = "linked"
    LAPSED = "lapsed"
    DENIED = "denied"
    DOWN = "down"
    REFUSED = "refused"
    TAKEN = "taken"
    CLOSED = "closed"
    BUSY = "busy"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """Where a login goes on: with a ticket, or with the secret of what its person still has to do.

    ``linked`` is the provider whose identity now opens an account that it did not open before, if any.
    """

    step: Step
    user_id: int = 0
    ticket: str = ""
    secret: str = ""
    next_path: str = "/"
    linked: str = ""


@dataclass(frozen=True)
class PendingView:
    """A login that waits for its person's choice, as they may see it.

    ``address`` is what the third party vouches for or merely says; ``owner`` is the account that it
    belongs to here, or empty; ``has_way_in`` tells whether that account has a password to give.
    """

    provider: str = ""
    name: str = ""
    address: str = ""
    is_verified: bool = False
    owner: str = ""
    has_way_in: bool = False
    next_path: str = "/"


@dataclass(frozen=True)
class ProviderView:
    """A third party that one can log in through."""

    name: str
    label: str


@dataclass(frozen=True)
class ProviderLink:
    """A way to log in, and the address that it begins at."""

    label: str
    href: str


@dataclass(frozen=True)
class IdentityView:
    """An account at a third party that opens one's own."""

    id: int
    provider: str
    label: str
    linked_at: str
