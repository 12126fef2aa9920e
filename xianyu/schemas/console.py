"""What the operators' console shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """How much waits for an operator: reports, and texts that were held back."""

    reports: int = 0
    held: int = 0


@dataclass(frozen=True)
class LogFilter:
    """Which acts of operators are wanted: whose, of which kind, with which word, from which day to which.

    ``operator`` is a person's number, ``"0"`` for the server's command line; days are as ISO 8601 writes them.
    """

    operator: str = ""
    action: str = ""
    words: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class LogEntry:
    """Something that an operator did. ``target_url`` is empty where there is nothing to look at."""

    id: int
    at: str
    operator_name: str
    sentence: str
    target_name: str
    target_url: str
    detail: str
    address: str


@dataclass(frozen=True)
class LogPage:
    """Acts, the latest first; ``after`` is where the next page begins, or 0 at the end."""

    entries: list[LogEntry]
    after: int = 0


@dataclass(frozen=True)
class Choice:
    """Something to choose: its value in the address and what it is called."""

    value: str
    label: str
