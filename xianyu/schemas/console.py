"""What the operators' console shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """How much waits for an operator: reports, and texts that were held back."""

    reports: int = 0
    held: int = 0
