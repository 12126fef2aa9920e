"""Reviews as the interface sees them, and the checked forms that come from it."""

from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent
from xianyu.schemas.listings import PhotoView


@dataclass(frozen=True)
class ReviewForm:
    """A checked review. ``text`` may be empty, ``photo_ids`` are uploads of its author's, in order."""

    stars: int
    text: str = ""
    photo_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReviewView:
    """A review as whoever looks may read it. ``author_name`` is what its author is called now.

    ``label`` says where one's own review stands while others do not see it, and is empty once they do.
    ``order_url`` leads its two people to the order and is empty for everybody else; ``can_reply`` is
    whether whoever looks is the one it speaks of and has not answered yet.
    """

    id: int = 0
    stars: int = 0
    text: str = ""
    photos: list[PhotoView] = field(default_factory=list)
    author_id: int = 0
    author_name: str = ""
    author_avatar_url: str = ""
    author_url: str = ""
    role_label: str = ""
    title: str = ""
    at: str = ""
    reply: str = ""
    replied_at: str = ""
    subject_name: str = ""
    label: str = ""
    order_url: str = ""
    is_mine: bool = False
    can_reply: bool = False


@dataclass(frozen=True)
class StarCount:
    """How many reviews have so many stars. ``percent`` is of all of them, rounded."""

    stars: int
    count: int
    percent: int


@dataclass(frozen=True)
class Rating:
    """What many reviews come to. ``average`` has one decimal, ``"4.8"``, and is empty where there are none.

    ``bars`` are the counts of each number of stars, five first.
    """

    count: int = 0
    average: str = ""
    bars: list[StarCount] = field(default_factory=list)


@dataclass(frozen=True)
class ReviewPage:
    """Reviews, newest first, and after which number the next page begins, or 0 at the end."""

    reviews: list[ReviewView] = field(default_factory=list)
    after: int = 0


@dataclass(frozen=True)
class Reputation:
    """What a page shows of the reviews of a person or a listing: all in numbers, and the newest.

    On a listing's page ``seller`` is what all reviews of its seller come to.
    """

    rating: Rating = Rating()
    page: ReviewPage = ReviewPage()
    seller: Rating = Rating()


@dataclass(frozen=True)
class OrderReviews:
    """The reviews of one order as one of its two people sees them.

    ``order_id`` is 0 until the order is completed. ``note`` is what there is to know, ``until`` the
    instant that it speaks of, or empty. ``reviews`` are one's own, and the other's once it is shown.
    """

    order_id: int = 0
    can_write: bool = False
    note: str = ""
    until: str = ""
    reviews: list[ReviewView] = field(default_factory=list)


@dataclass(frozen=True)
class Reviewed:
    """A review's number and everything that happened with it."""

    review_id: int
    events: tuple[LiveEvent, ...] = ()
