"""Who acts, and what others may see of a person."""

from dataclasses import dataclass, field
from datetime import datetime

from xianyu.models import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind one event, as the session cookie proved just now.

    ``joined_at`` is when the account was made, or nothing where the server acts for somebody it knows; it does
    not make somebody another one.
    """

    user_id: int
    username: str
    role: str
    session_id: int
    name: str = ""
    avatar_url: str = ""
    has_second_step: bool = False
    joined_at: datetime | None = field(default=None, compare=False)

    @property
    def is_operator(self) -> bool:
        """Whether operator actions are open to them."""
        return self.role == Role.OPERATOR


@dataclass(frozen=True)
class PersonView:
    """A person as anyone may see them. ``id`` 0 is nobody; who left has a name and nothing else."""

    id: int = 0
    name: str = ""
    username: str = ""
    avatar_url: str = ""
    bio: str = ""
    building: str = ""
    joined_at: str = ""


@dataclass(frozen=True)
class ProfileView:
    """What a person's own settings start with."""

    username: str = ""
    display_name: str = ""
    bio: str = ""
    building: str = ""
    avatar_url: str = ""
    wants_mail: bool = True
    shows_presence: bool = True


@dataclass(frozen=True)
class ProfileForm:
    """A checked profile. An empty ``display_name`` means the username."""

    display_name: str
    bio: str
    building: str


@dataclass(frozen=True)
class LoginView:
    """One of a person's own logins: which browser, from where, and when it was last seen.

    ``place`` is an address, a word for one that is near, or empty where none is known.
    """

    id: int
    device: str
    place: str
    seen_at: str
    is_current: bool


@dataclass(frozen=True)
class EnrolmentView:
    """What an authenticator app has to be told: a QR code as a data address, and the same key in letters."""

    qr: str = ""
    key: str = ""


@dataclass(frozen=True)
class SecondStepView:
    """How an account's second step stands."""

    is_on: bool = False
    codes_left: int = 0
    is_demanded: bool = False


@dataclass(frozen=True)
class AddressView:
    """An account's address, as its owner may see it, and the one that waits for its confirmation.

    ``needs_proof`` and ``needs_code`` tell what is asked for before it is changed.
    """

    username: str = ""
    address: str = ""
    waiting: str = ""
    needs_proof: bool = False
    needs_code: bool = False
