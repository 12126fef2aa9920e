"""Times as people of the compound type and read them: in its own time zone, in Chinese."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from xianyu.settings import get_settings

_WEEKDAYS = "一二三四五六日"
# Of years that calendars can step out of by a day, none is meant.
_DAY = re.compile(r"2\d{3}-\d\d-\d\d", re.ASCII)
_TYPED = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(get_settings().timezone))


def typed(text: str) -> datetime | None:
    """The instant that a field of a form means, such as "2026-11-28T14:00"; nothing for what is no time.

    Of an hour that the clocks run through twice the first is meant; one that they leave out is no time.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        return None
    try:
        named = datetime.fromisoformat(f"{match[1]}T{match[2]}")
        moment = named.replace(tzinfo=ZoneInfo(get_settings().timezone)).astimezone(UTC)
        return moment if _local(moment).replace(tzinfo=None) == named else None
    except (ValueError, OverflowError):
        return None


def midnight(moment: datetime) -> datetime:
    """The first instant of that one's day."""
    return _local(moment).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day of the compound's calendar on which that is."""
    return _local(moment).date()


def start_of(day: date) -> datetime:
    """The first instant of a day of the compound's calendar."""
    # By way of noon, which every day has, where the clocks change at midnight, too.
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(get_settings().timezone))
    return midnight(noon)


def typed_day(text: object) -> str:
    """A day as a field of a form holds it, "2026-11-28", or an empty string for anything that is none."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return ""
    try:
        date.fromisoformat(text)
    except ValueError:
        return ""
    return text


def first_of(day: str, days: int = 0) -> datetime | None:
    """The first instant of a day that ``typed_day`` gave, or of that many days later; nothing for no day."""
    return start_of(date.fromisoformat(day) + timedelta(days=days)) if day else None


def for_input(moment: datetime) -> str:
    """The instant as a form's field holds it, which ``typed`` reads."""
    return _local(moment).strftime("%Y-%m-%dT%H:%M")


def month_and_day(moment: datetime) -> tuple[str, str]:
    """What a calendar's leaf shows: ("11月", "28")."""
    local = _local(moment)
    return f"{local.month}月", str(local.day)


def moment(instant: datetime, now: datetime) -> str:
    """When that is: "11月28日 周六 14:00". The year is told where it is not the present one."""
    local = _local(instant)
    return f"{_day(local, _local(now))} {local:%H:%M}"


def span(starts: datetime, ends: datetime, now: datetime) -> str:
    """From when to when: "11月28日 周六 14:00–16:00". The year is told where it is not the present one."""
    first, last, present = _local(starts), _local(ends), _local(now)
    beginning = f"{_day(first, present)} {first:%H:%M}"
    if first.date() == last.date():
        return f"{beginning}–{last:%H:%M}"
    return f"{beginning} 至 {_day(last, present)} {last:%H:%M}"


def _day(local: datetime, present: datetime) -> str:
    year = "" if local.year == present.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 周{_WEEKDAYS[local.weekday()]}"
