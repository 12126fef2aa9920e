"""Accounts of people who come through a third party and need no password."""

import unicodedata

from xianyu.services import accounts
from xianyu.services.errors import InvalidForm


def check_newcomer(username: str, email: str) -> accounts.Registration:
    """Check the form of somebody who only chooses a username.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    username, email = unicodedata.normalize("NFKC", username).strip(), email.strip()
    errors = {"username": accounts.username_error(username), "email": accounts.email_error(email)}
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return accounts.Registration(
        username=username,
        username_key=accounts.fold_username(username),
        email=email,
        email_key=accounts.fold_email(email),
        password_hash="",
    )


def as_username(text: str) -> str:
    """What of a name can be a username here, or an empty string where too little is left."""
    shortest, longest = accounts.USERNAME_LENGTH
    kept = "".join(char for char in unicodedata.normalize("NFKC", text) if not accounts.username_error(char * shortest))
    return "" if accounts.username_error(kept[:longest]) else kept[:longest]
