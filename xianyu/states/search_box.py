"""What the search box offers while somebody types."""

import reflex as rx

from xianyu.schemas.search import Suggestion
from xianyu.services import limits, search
from xianyu.services.text import clean_line
from xianyu.states.actor import caller_key, client_address, read_as_visitor

# Characters; the box takes no more.
LONGEST = 100


class SearchBoxState(rx.State):
    """Suggestions for the words in ``asked``, or why there are none for now."""

    suggestions: list[Suggestion] = []
    asked: str = ""
    refusal: str = ""

    @rx.event
    async def suggest(self, text: str) -> None:
        """Somebody paused while typing."""
        # Halves of characters, which any client may send, could not be sent back.
        words = text[:LONGEST].encode(errors="ignore").decode() if isinstance(text, str) else ""
        try:
            await limits.spending(limits.SUGGEST, caller_key(self), address=client_address(self))
        except limits.TooManyRequests as error:
            self.refusal = error.message
            return
        self.suggestions = await read_as_visitor(self, search.suggest, clean_line(words))
        self.asked, self.refusal = words, ""
