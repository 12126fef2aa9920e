"""Why a review is not written, answered or shown."""

from xianyu.services.errors import DomainError


class ReviewNotFound(DomainError):
    """There is no such review that the actor could do that with. Strangers are told the same."""

    def __init__(self) -> None:
        super().__init__("没有找到这条评价")


class NotReviewable(DomainError):
    """The order is not completed."""

    def __init__(self) -> None:
        super().__init__("订单完成后才能评价", "form")


class ReviewTimeOver(DomainError):
    """The days in which the order could be reviewed are over."""

    def __init__(self) -> None:
        super().__init__("评价的时间已经过了", "form")


class AlreadyReviewed(DomainError):
    """The actor has reviewed the order before."""

    def __init__(self) -> None:
        super().__init__("你已经评价过这个订单了", "form")


class AlreadyReplied(DomainError):
    """The review has its one answer."""

    def __init__(self) -> None:
        super().__init__("已经回复过这条评价了", "form")


class OtherLeft(DomainError):
    """The account of whom the review would speak of is erased."""

    def __init__(self) -> None:
        super().__init__("对方已注销账号，不能再评价", "form")
