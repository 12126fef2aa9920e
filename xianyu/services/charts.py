"""Figures over days as shapes and in words: bars for what is counted, a line for what some days have none of.

A shape is the path of an SVG that is 300 wide and 100 high and stretched to its place; labels stand
beside it as text, which is not stretched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from xianyu.schemas.console import Chart

WIDTH, HEIGHT = 300, 100
# How much of a day's place its bar takes.
_BAR = 0.72
# Steps of ten that have a middle which reads well.
_TOPS = (2, 4, 6, 8, 10)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
NONE = "—"

Values = Sequence[float | None]


@dataclass(frozen=True)
class Curve:
    """What a chart is called and shows. Values are one a day, the last one today's, nothing where there is none."""

    name: str
    title: str
    headline: str
    caption: str
    values: Values
    words: Callable[[float], str]


def counts(curve: Curve, days: Sequence[date]) -> Chart:
    """A bar for each day; a day that is not over yet has a bar of its own kind."""
    top = nice(max((value for value in curve.values if value is not None), default=0))
    bars = [_bar(place, len(curve.values), value / top) for place, value in enumerate(curve.values) if value]
    is_there = bool(curve.values[-1])
    return _chart(curve, days, top, bars="".join(bars[:-1] if is_there else bars), today=bars[-1] if is_there else "")


def lines(curve: Curve, days: Sequence[date], top: float) -> Chart:
    """A line through the days that have a value, broken where one has none, and a dot on each."""
    points = [
        None if value is None else _point(place, len(curve.values), value / top)
        for place, value in enumerate(curve.values)
    ]
    path, goes_on = [], False
    for point in points:
        if point is not None:
            path.append(f"{'L' if goes_on else 'M'}{point}")
        goes_on = point is not None
    # A line of no length with round ends is a dot, and stays round however the drawing is stretched.
    dots = [f"M{point}h0" for point in points[:-1] if point is not None]
    today = f"M{points[-1]}h0" if points[-1] is not None else ""
    return _chart(curve, days, top, line="".join(path), dots="".join(dots), today_dot=today)


def _chart(curve: Curve, days: Sequence[date], top: float, **shapes: str) -> Chart:
    return Chart(
        name=curve.name,
        title=curve.title,
        headline=curve.headline,
        caption=curve.caption,
        summary=_summary(curve, days),
        top=curve.words(top),
        middle=curve.words(top / 2),
        **shapes,
    )


def _summary(curve: Curve, days: Sequence[date]) -> str:
    """The chart for those who do not see it; the table below has each day."""
    known = [(value, day) for value, day in zip(curve.values, days, strict=True) if value is not None]
    if not known or not any(value for value, _ in known):
        return f"{curve.title}：这段时间没有数据"
    highest, day = max(known)
    now = curve.values[-1]
    return (
        f"{curve.title}：{curve.caption} {curve.headline}，最高 {curve.words(highest)}（{day_name(day)}），"
        f"今天 {NONE if now is None else curve.words(now)}"
    )


def _bar(place: int, number: int, share: float) -> str:
    step = WIDTH / number
    left, width, height = step * (place + (1 - _BAR) / 2), step * _BAR, max(share * HEIGHT, 1)
    return f"M{left:.1f} {HEIGHT}v-{height:.1f}h{width:.1f}v{height:.1f}z"


def _point(place: int, number: int, share: float) -> str:
    return f"{WIDTH / number * (place + 0.5):.1f} {HEIGHT * (1 - min(share, 1)):.1f}"


def nice(value: float, least: int = 4) -> int:
    """The edge of a scale that ends at or above a value: 4, 6, 8, 10, 20, 40 and so on."""
    scale = 1
    while True:
        for top in _TOPS:
            if top * scale >= max(value, least):
                return top * scale
        scale *= 10


def nice_time(seconds: float) -> int:
    """The same for a time, even in minutes, hours or days."""
    unit = _MINUTE if seconds <= 2 * _HOUR else _HOUR if seconds <= 2 * _DAY else _DAY
    return nice(seconds / unit) * unit


def number(value: float) -> str:
    """A count."""
    return f"{value:,.0f}"


def percent(value: float) -> str:
    """A share of 100."""
    return f"{value:.0f}%"


def duration(seconds: float) -> str:
    """How long something took, in the unit that tells most."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} 秒"
    for unit, name, limit in ((_MINUTE, "分钟", _HOUR), (_HOUR, "小时", 2 * _DAY), (_DAY, "天", float("inf"))):
        if seconds < limit or name == "天":
            amount = seconds / unit
            return f"{amount:.1f}".removesuffix(".0") + f" {name}" if amount < 10 else f"{amount:.0f} {name}"  # noqa: PLR2004 - two digits tell enough
    raise AssertionError("the last unit has no limit")


def day_name(day: date) -> str:
    """A day as the charts and the table call it."""
    return f"{day.month}月{day.day}日"
