"""Instants on their way to the browser, which shows them in its own time zone."""

from datetime import datetime


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as JavaScript's ``Date`` reads it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
