"""Fields of forms, which any client may have made up."""

from typing import Any


def text(form: dict[str, Any], name: str) -> str:
    """A field's text, or an empty string for anything that is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
