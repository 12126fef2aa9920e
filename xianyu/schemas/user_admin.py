"""What the operators' console shows of people, and the form that bans one."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BanForm:
    """A checked ban. ``days`` 0 is for good."""

    days: int
    reason: str


@dataclass(frozen=True)
class UserLine:
    """A person in the console's list. ``ban`` says until when, in words, or is empty; ``seen_at`` may be, too."""

    id: int
    url: str
    name: str
    username: str
    avatar_url: str
    email: str
    is_operator: bool
    is_closed: bool
    ban: str
    joined_at: str
    seen_at: str
    listings: int
    orders: int
    upheld: int


@dataclass(frozen=True)
class UserPage:
    """Some of the people, the newest first. ``last_id`` is where the next page goes on."""

    lines: list[UserLine]
    last_id: int
    has_more: bool


@dataclass(frozen=True)
class UserThing:
    """Something of a person's, and where it is."""

    title: str
    said: str
    url: str
    at: str


@dataclass(frozen=True)
class UserDetail:
    """A person as operators see them. ``page_url`` is their page for everybody."""

    line: UserLine = UserLine(0, "", "", "", "", "", False, False, "", "", "", 0, 0, 0)
    is_me: bool = False
    bio: str = ""
    building: str = ""
    ban_reason: str = ""
    page_url: str = ""
    logins: int = 0
    reported: int = 0
    listings: list[UserThing] = field(default_factory=list)
    reports: list[UserThing] = field(default_factory=list)
