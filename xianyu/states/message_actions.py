"""What can be done with messages and with a conversation as a whole. All tabs follow by what is announced."""

import reflex as rx

from xianyu.services import message_changes
from xianyu.states.actor import write_as_member
from xianyu.states.delivery import announce


class MessageActionsState(rx.State):
    """The menus of a conversation. They hold nothing; whose conversation it is the service looks up."""

    @rx.event
    async def recall(self, peer_id: int, seq: int) -> None:
        """撤回."""
        await announce(await write_as_member(self, message_changes.recall, peer_id, seq))

    @rx.event
    async def delete(self, peer_id: int, seqs: list[int]) -> None:
        """删除, one or several, for the reader alone."""
        await announce(await write_as_member(self, message_changes.delete_for_me, peer_id, seqs))

    @rx.event
    async def clear(self, peer_id: int) -> None:
        """清空聊天记录, after the dialog asked."""
        await announce(await write_as_member(self, message_changes.clear, peer_id))

    @rx.event
    async def set_pinned(self, peer_id: int, is_pinned: bool) -> None:
        """置顶, or no longer."""
        await announce(await write_as_member(self, message_changes.set_pinned, peer_id, is_pinned))

    @rx.event
    async def set_muted(self, peer_id: int, is_muted: bool) -> None:
        """消息免打扰, or no longer."""
        await announce(await write_as_member(self, message_changes.set_muted, peer_id, is_muted))
