"""What can be wrong with a message."""

from xianyu.services.errors import DomainError


class TalkToYourself(DomainError):
    """Somebody opened a conversation with themselves."""

    def __init__(self) -> None:
        super().__init__("不能给自己发消息")


class WantOwnListing(DomainError):
    """Somebody pressed 想要 on what they sell."""

    def __init__(self) -> None:
        super().__init__("这是你自己发布的宝贝")


class InvalidBody(DomainError):
    """A message's text is empty, too long, or holds what no keyboard types."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "body")


class InvalidClientId(DomainError):
    """A message's id is not of the form that the page makes."""

    def __init__(self) -> None:
        super().__init__("消息编号不正确，请刷新页面后重试", "client_id")


class PhotoGone(DomainError):
    """A picture that is to be sent is not the sender's, or part of something else."""

    def __init__(self) -> None:
        super().__init__("这张照片已失效，请重新选择", "photo")
