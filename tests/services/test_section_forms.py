"""The forms of activities and announcements: what is taken, what is refused and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianyu.services import local_time
from xianyu.services.errors import InvalidForm
from xianyu.services.section_forms import check_activity, check_announcement
from xianyu.settings import get_settings

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
FORM: dict[str, Any] = {
    "title": " 周末  跳蚤市场 ",
    "text": "带上闲置，一起摆摊\r\n下雨顺延",
    "place": "南门小广场",
    "capacity": " ３０ ",
    "starts": "2026-11-28T14:00",
    "ends": "2026-11-28T16:00",
}


def refused(**changes: object) -> dict[str, str]:
    with pytest.raises(InvalidForm) as error:
        check_activity(FORM | changes, changes.pop("photo_ids", ()), NOW)
    return error.value.errors


def test_a_good_form_is_cleaned_and_its_times_are_the_compounds_own() -> None:
    checked = check_activity(FORM, [3, 1], NOW)
    assert (checked.title, checked.text) == ("周末 跳蚤市场", "带上闲置，一起摆摊\n下雨顺延")
    assert (checked.place, checked.capacity, checked.photo_ids) == ("南门小广场", 30, (3, 1))
    assert checked.starts_at == datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
    assert checked.ends_at == datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"title": "短"}, "title", "至少要 2 个字"),
        ({"title": "长" * 61}, "title", "61"),
        ({"title": None}, "title", "请填写标题"),
        ({"text": "少"}, "text", "至少"),
        ({"text": "\x00" * 9}, "text", "无法显示"),
        ({"place": " \u200b "}, "place", "请填写地点"),
        ({"capacity": "0"}, "capacity", "1 到 999"),
        ({"capacity": "1000"}, "capacity", "1 到 999"),
        ({"capacity": "-1"}, "capacity", "1 到 999"),
        ({"capacity": "1.5"}, "capacity", "1 到 999"),
        ({"capacity": "9" * 5000}, "capacity", "1 到 999"),
        ({"capacity": ""}, "capacity", "请填写"),
        ({"capacity": 3}, "capacity", "请填写"),
        ({"starts": ""}, "starts", "请选择开始时间"),
        ({"ends": "明天"}, "ends", "请选择结束时间"),
        ({"starts": "2026-02-30T10:00"}, "starts", "请选择"),
        ({"starts": "2026-11-28T25:00"}, "starts", "请选择"),
        ({"starts": "20260-11-28T14:00"}, "starts", "请选择"),
        ({"starts": "0001-01-01T00:00"}, "starts", "请选择"),
        ({"starts": ["2026-11-28T14:00"]}, "starts", "请选择"),
        ({"ends": "2026-11-28T14:00"}, "ends", "晚于开始"),
        ({"starts": "2027-12-01T00:00", "ends": "2027-12-01T01:00"}, "starts", "一年"),
        ({"ends": "2026-12-31T14:00"}, "ends", "31 天"),
        ({"starts": "2026-11-20T14:00", "ends": "2026-11-20T15:00"}, "ends", "已经过了"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changes: dict[str, object], field: str, says: str) -> None:
    errors = refused(**changes)
    assert set(errors) == {field}
    assert says in errors[field]


@pytest.mark.parametrize("ids", [list(range(1, 11)), [1, 1], ["1"], [0], [True], [10**30]])
def test_photos_are_checked(ids: list[object]) -> None:
    with pytest.raises(InvalidForm) as error:
        check_activity(FORM, ids, NOW)
    assert set(error.value.errors) == {"photos"}
    with pytest.raises(InvalidForm):
        check_announcement({"title": "停水通知", "text": "周三上午停水。"}, ids)


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(InvalidForm) as error:
        check_activity({}, {}, NOW)
    assert set(error.value.errors) == {"title", "text", "place", "capacity", "starts", "ends"}
    with pytest.raises(InvalidForm) as error:
        check_announcement({"title": 5}, None)
    assert set(error.value.errors) == {"title", "text"}


def test_an_announcement_is_pinned_if_it_is_ticked() -> None:
    form = {"title": "停水通知", "text": "周三上午停水。"}
    assert not check_announcement(form, ()).is_pinned
    assert check_announcement(form | {"pinned": "on"}, ()).is_pinned


@given(st.dictionaries(st.sampled_from(sorted(FORM)), st.text() | st.none() | st.integers()), st.text())
def test_nothing_that_a_client_sends_breaks_it(changes: dict[str, object], photo_ids: str) -> None:
    errors: dict[str, str] = {}
    try:
        checked = check_activity(FORM | changes, photo_ids, NOW)
        assert NOW < checked.ends_at <= checked.starts_at + timedelta(days=31)
    except InvalidForm as error:
        errors = error.errors
    assert all(errors.values())


def test_times_are_told_in_chinese() -> None:
    starts = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
    assert local_time.span(starts, starts + timedelta(hours=2), NOW) == "11月28日 周六 14:00–16:00"
    overnight = local_time.span(starts, starts + timedelta(hours=22), NOW)
    assert overnight == "11月28日 周六 14:00 至 11月29日 周日 12:00"
    new_year = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    said = local_time.span(new_year, new_year + timedelta(hours=2), NOW)
    assert said == "12月31日 周四 23:00 至 2027年1月1日 周五 01:00"
    assert local_time.month_and_day(starts) == ("11月", "28")


def test_what_a_field_shows_it_reads_again() -> None:
    moment = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
    assert local_time.for_input(moment) == "2026-11-28T14:30"
    assert local_time.typed(local_time.for_input(moment)) == moment
    # Browsers may add seconds.
    assert local_time.typed("2026-11-28T14:30:00") == moment


def test_another_time_zone_means_another_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_TIMEZONE", "Europe/Berlin")
    get_settings.cache_clear()
    assert local_time.typed("2026-11-28T14:00") == datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    # An hour that the clocks leave out in spring, and one that they run through twice in autumn.
    assert local_time.typed("2026-03-29T02:30") is None
    assert local_time.typed("2026-10-25T02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
