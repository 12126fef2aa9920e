"""What people write to each other, by the services alone, and what one of them then reads."""

from itertools import count

from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import MessageSent
from xianyu.services import messages

_number = count(1)


def send(database: Database, sender: Actor, to: Actor, *bodies: str, seen_by_peer: bool = False) -> MessageSent:
    """Store one message, or several in their order; what became of the last."""
    sent = [
        database.write(messages.send, sender, to.user_id, f"client-{next(_number)}", body, seen_by_peer=seen_by_peer)
        for body in bodies or ("你好",)
    ]
    return sent[-1]


def bodies(database: Database, actor: Actor, peer: Actor) -> list[str]:
    """What ``actor`` sees of the conversation, oldest first."""
    return [view.body for view in database.read(messages.history, actor, peer.user_id)]
