"""A person's export of their data, and the end of an account, as the interface sees them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportView:
    """The latest export. ``status`` is ``none``, ``waiting``, ``running``, ``ready`` or ``failed``."""

    status: str = "none"
    progress: int = 0
    url: str = ""
    expires_at: str = ""


@dataclass(frozen=True)
class ClosingView:
    """Whether the account is about to be erased. ``has_proof``: a password has to be given to ask for it."""

    closing_at: str = ""
    has_proof: bool = True
