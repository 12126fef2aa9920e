"""Web Push: where messages go, and what they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PushKeys:
    """A browser's subscription, checked: the address at its push service, and its keys in base64url (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class PushTarget:
    """A stored subscription."""

    id: int
    keys: PushKeys


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What a device shows. Another of the same ``tag`` takes its place; a press opens ``url``, a path of this site."""

    title: str
    body: str
    tag: str
    url: str


@dataclass(frozen=True, slots=True)
class PushDue:
    """Something that a person should hear of, and on which devices."""

    message: PushMessage
    targets: tuple[PushTarget, ...]
