"""What people type about each other, checked: a review and the answer to one."""

from collections.abc import Mapping

from xianyu.schemas.reviews import ReviewForm
from xianyu.services.errors import InvalidForm
from xianyu.services.form_checks import as_text, photos_error, text_error
from xianyu.services.ids import is_id
from xianyu.services.text import clean_lines, is_blank

TEXT_LENGTH = (1, 500)
REPLY_LENGTH = (1, 300)
MAX_PHOTOS = 3
# As a browser's radio buttons send them.
_STARS = {str(number): number for number in range(1, 6)}


def check_review(fields: Mapping[str, object]) -> ReviewForm:
    """Check a review as a browser sent it. Every value may be missing or of any type.

    Args:
        fields: By name: ``stars``, ``"1"`` to ``"5"``; ``text``, up to 500 characters, or nothing;
            ``photo_ids``, the numbers of up to 3 uploaded pictures, or nothing.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    stars, text, photos = as_text(fields.get("stars")), as_text(fields.get("text")), fields.get("photo_ids")
    ids = tuple(photos) if isinstance(photos, list | tuple) else ()
    errors = {
        "stars": "" if stars in _STARS else "请选择几颗星",
        "text": "" if is_blank(text) else text_error(text, "评价", TEXT_LENGTH, clean_lines),
        "photos": photos_error(ids, MAX_PHOTOS),
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return ReviewForm(_STARS[stars], clean_lines(text), tuple(each for each in ids if is_id(each)))


def check_reply(text: object) -> str:
    """Check an answer, in the field ``reply``.

    Raises:
        InvalidForm: if it is empty, too long or unreadable.
    """
    error = text_error(as_text(text), "回复", REPLY_LENGTH, clean_lines)
    if error:
        raise InvalidForm({"reply": error})
    return clean_lines(as_text(text))
