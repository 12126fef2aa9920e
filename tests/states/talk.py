"""A conversation in an open tab: writing in it, and what it shows."""

from typing import Any

from tests.live_site import Tab
from xianyu.schemas.accounts import Actor


async def say(tab: Tab, peer: Actor, number: int, body: str = "") -> None:
    """Send a message, whose id is made from the number."""
    client_id, body = f"client-{number:05}", body or f"第 {number} 条"
    await tab.call("conversation_state.send", peer_id=peer.user_id, client_id=client_id, body=body)


def shown(tab: Tab) -> list[dict[str, Any]]:
    """The messages, oldest first, as far as the browser knows them."""
    state = tab.vars.get("conversation_state", {})
    return [*state.get("history", ()), *state.get("tail", ())]


def bodies(tab: Tab) -> list[str]:
    """Their texts."""
    return [message["body"] for message in shown(tab)]
