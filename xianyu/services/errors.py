"""What every domain error has in common."""


class DomainError(Exception):
    """A refusal that a person can understand and act on.

    Args:
        message: One Chinese sentence, shown as it is.
        field: The name of the form field that it is about, or empty.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class LoginRequired(DomainError):
    """Somebody without a valid login tried what only neighbours may."""

    def __init__(self) -> None:
        super().__init__("请先登录")


class InvalidForm(DomainError):
    """One or more fields of a form were refused.

    Args:
        errors: A message for each refused field.
    """

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(next(iter(errors.values())), next(iter(errors)))
        self.errors = errors
