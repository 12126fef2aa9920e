"""One sentence over the page, for what has no field to stand beside."""

from time import monotonic

import reflex as rx

# Seconds that a sentence outlasts a change of pages: one may be said on the way to the next page, but
# what was said before is not said again by every page that is opened after.
STAYS = 3.0
# Characters; what is said here is the program's own.
LONGEST = 200


class NoticeState(rx.State):
    """What the page says right now. ``number`` tells one saying of a sentence from the next.

    Reflex's own toasts, when a handler sends them, go through ``eval`` in the browser, which the
    Content-Security-Policy forbids.
    """

    text: str = ""
    number: int = 0
    _said_at: float = 0.0

    @rx.event
    def show(self, text: str) -> None:
        """Say something. Halves of characters, which any client may send, could not be sent back."""
        self.text = text[:LONGEST].encode(errors="ignore").decode() if isinstance(text, str) else ""
        self.number += 1
        self._said_at = monotonic()

    def _turn_page(self) -> None:
        """A page was opened."""
        if self.text and monotonic() - self._said_at > STAYS:
            self.text = ""

    @rx.event
    def dismiss(self) -> None:
        """It was read."""
        self.text = ""
