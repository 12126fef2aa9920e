"""What operators did, written down in the unit of work that does it: both are stored or neither.

Rows are added here and nowhere else, and nothing changes or removes one.
"""

from sqlmodel import Session

from xianyu.models import AuditEntry
from xianyu.schemas.accounts import Actor

_NAME_LENGTH = 80
_ADDRESS_LENGTH = 45


def record(
    session: Session,
    actor: Actor | None,
    action: str,
    *,
    target_kind: str = "",
    target_id: int | None = None,
    target_name: str = "",
    detail: str = "",
    address: str = "",
) -> None:
    """Note what an operator does.

    Args:
        session: The unit of work of what is done.
        actor: Who does it, or nobody for the server's command line.
        action: A verb and its object: ``"user.ban"``, ``"listing.restore"``, ``"word.add"`` …
        target_kind: What it is done to: ``"user"``, ``"listing"``, ``"report"`` …
        target_id: The number of that, if it has one.
        target_name: What that is called now; cut at 80 characters.
        detail: What there is to add, for people to read: a reason, a term, what it was before.
        address: Where it was done from, if that is known.
    """
    session.add(
        AuditEntry(
            operator_id=actor.user_id if actor else None,
            action=action,
            target_kind=target_kind,
            target_id=target_id,
            target_name=target_name[:_NAME_LENGTH],
            detail=detail,
            address=address[:_ADDRESS_LENGTH],
        )
    )
    session.flush()
