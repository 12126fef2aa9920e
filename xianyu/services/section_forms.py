"""The forms of activities and announcements: what people type, checked."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from xianyu.models.types import utc_now
from xianyu.schemas.sections import ActivityForm, AnnouncementForm
from xianyu.services import local_time
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import TITLE_LENGTH, as_text, number_text, photos_error, text_error
from xianyu.services.text import clean_line, clean_lines

TEXT_LENGTH = (5, 5000)
PLACE_LENGTH = (2, 60)
MAX_CAPACITY = 999
# How far ahead an activity or an announcement may be, and how long an activity may last.
FARTHEST = timedelta(days=366)
LONGEST = timedelta(days=31)

_CAPACITY = re.compile(r"[0-9]{1,9}")


class FormOutdated(DomainError):
    """What the form started with was changed somewhere else meanwhile.

    Args:
        version: The present version, over which the form may be saved knowingly.
    """

    def __init__(self, version: int) -> None:
        super().__init__("内容刚在别处改过。你填写的还在，再按一次“保存”就以你的为准", "form")
        self.version = version


def check_activity(form: Mapping[str, object], photo_ids: object, now: datetime | None = None) -> ActivityForm:
    """Check a form as a browser sent it. Every value may be of any type.

    Whether the beginning may lie in the past is for the service to say: it may while the activity is on.

    Args:
        form: ``title``, ``text``, ``place``, ``capacity`` (1 to 999, as text), ``starts`` and ``ends``
            ("2026-11-28T14:00", in the compound's time).
        photo_ids: The numbers of up to 9 uploaded pictures, in order, the cover first.
        now: The present instant.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    title, text, place = (as_text(form.get(name)) for name in ("title", "text", "place"))
    starts, ends = (local_time.typed(as_text(form.get(name))[:40]) for name in ("starts", "ends"))
    capacity, capacity_error = _capacity(as_text(form.get("capacity")))
    ids = _ids(photo_ids)
    errors = {
        "title": text_error(title, "标题", TITLE_LENGTH, clean_line),
        "text": text_error(text, "活动介绍", TEXT_LENGTH, clean_lines),
        "place": text_error(place, "地点", PLACE_LENGTH, clean_line),
        "capacity": capacity_error,
        "photos": photos_error(ids),
        **_time_errors(starts, ends, now or utc_now()),
    }
    _refuse(errors)
    assert starts is not None
    assert ends is not None
    return ActivityForm(clean_line(title), clean_lines(text), clean_line(place), starts, ends, capacity, ids)


def check_announcement(form: Mapping[str, object], photo_ids: object, now: datetime | None = None) -> AnnouncementForm:
    """Check a form as a browser sent it.

    Args:
        form: ``title`` and ``text``; ``pinned`` and ``timed``, which are there if they are ticked; and
            ``scheduled`` ("2026-11-28T14:00", in the compound's time), which counts with ``timed`` alone: a
            browser sends nothing for a time that is half filled in, and that must not mean at once.
        photo_ids: The numbers of up to 9 uploaded pictures, in order, the cover first.
        now: The present instant.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    title, text = as_text(form.get("title")), as_text(form.get("text"))
    ids = _ids(photo_ids)
    scheduled = local_time.typed(as_text(form.get("scheduled"))[:40]) if form.get("timed") else None
    _refuse(
        {
            "title": text_error(title, "标题", TITLE_LENGTH, clean_line),
            "text": text_error(text, "正文", TEXT_LENGTH, clean_lines),
            "photos": photos_error(ids),
            "scheduled": _schedule_error(scheduled, now or utc_now()) if form.get("timed") else "",
        }
    )
    return AnnouncementForm(clean_line(title), clean_lines(text), bool(form.get("pinned")), ids, scheduled)


def _schedule_error(scheduled: datetime | None, now: datetime) -> str:
    if scheduled is None:
        return "请选择发布的日期和时间"
    if scheduled <= now:
        return "发布时间已经过了，请选一个以后的时间"
    return "发布时间不能晚于一年以后" if scheduled > now + FARTHEST else ""


def _ids(photo_ids: object) -> tuple[int, ...]:
    return tuple(photo_ids) if isinstance(photo_ids, list | tuple) else ()


def _refuse(errors: dict[str, str]) -> None:
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})


def _capacity(text: str) -> tuple[int, str]:
    text = number_text(text)
    if not text:
        return 0, "请填写人数上限"
    if not _CAPACITY.fullmatch(text) or not 1 <= int(text) <= MAX_CAPACITY:
        return 0, f"人数上限要是 1 到 {MAX_CAPACITY} 的整数"
    return int(text), ""


def _time_errors(starts: datetime | None, ends: datetime | None, now: datetime) -> dict[str, str]:
    if starts is None or ends is None:
        return {"starts": "" if starts else "请选择开始时间", "ends": "" if ends else "请选择结束时间"}
    if starts > now + FARTHEST:
        return {"starts": "开始时间不能晚于一年以后"}
    if ends <= starts:
        return {"ends": "结束时间要晚于开始时间"}
    if ends > starts + LONGEST:
        return {"ends": f"一次活动不能超过 {LONGEST.days} 天"}
    return {"ends": "结束时间已经过了"} if ends <= now else {}
