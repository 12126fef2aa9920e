"""Why a listing is not shown or not changed."""

from collections.abc import Sequence

from xianyu.models import ListingStatus
from xianyu.services.errors import DomainError

# What is no more, and what waits for an operator: to all but its seller neither is there.
HIDDEN = (ListingStatus.DELETED, ListingStatus.HELD)


class ListingNotFound(DomainError):
    """There is no such listing, or it is deleted or held back."""

    def __init__(self) -> None:
        super().__init__("这件宝贝不存在或已被删除")


class NotYourListing(DomainError):
    """Somebody tried to change a listing of somebody else."""

    def __init__(self) -> None:
        super().__init__("只有发布者本人可以修改这件宝贝")


class IllegalChange(DomainError):
    """The listing's present status does not allow the change."""


class Outdated(DomainError):
    """A form was saved that began before somebody saved another one.

    Args:
        fields: What is not as it was when the form began, as the form calls it.
        version: The version that is stored now.
    """

    def __init__(self, fields: Sequence[str], version: int) -> None:
        what = f"改过{'、'.join(fields)}" if fields else "保存过"
        super().__init__(f"这件宝贝刚在别处{what}。你填写的内容都还在，核对后可以点“仍要保存”，以这里的为准。", "form")
        self.fields = tuple(fields)
        self.version = version


class BumpedAlready(DomainError):
    """A listing was put back to the top a short while ago."""

    def __init__(self, wait: str) -> None:
        super().__init__(f"已经擦亮过了，{wait}后可以再擦亮")
