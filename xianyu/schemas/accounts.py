"""Who acts, and what others may see of a person."""

from dataclasses import dataclass

from xianyu.models import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind one event, as the session cookie proved just now."""

    user_id: int
    username: str
    role: str
    session_id: int

    @property
    def is_operator(self) -> bool:
        """Whether operator actions are open to them."""
        return self.role == Role.OPERATOR


@dataclass(frozen=True)
class PersonView:
    """A person as anyone may see them. ``id`` 0 is nobody."""

    id: int = 0
    username: str = ""
    joined_at: str = ""
