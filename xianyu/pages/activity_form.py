"""The pages at ``/activity/new`` and ``/activity/[activity_id]/edit``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.section_form import editing, photos_field, publishing
from xianyu.models import Section
from xianyu.states.activity_form import ActivityFormState

_PAIR = {"display": "grid", "grid_template_columns": "repeat(auto-fit, minmax(230px, 1fr))", "gap": "0 16px"}
_BACK = routes.section(Section.ACTIVITY)


def _fields() -> tuple[rx.Component, ...]:
    state = ActivityFormState
    errors = state.errors
    return (
        controls.text_input(
            "标题", "title", errors, default_value=state.title, placeholder="例如 周六下午羽毛球双打", max_length=120
        ),
        controls.text_area(
            "活动介绍",
            "text",
            errors,
            default_value=state.text,
            rows=6,
            placeholder="做什么、要带什么、费用怎么算、雨天怎么办……",
        ),
        rx.el.div(
            controls.text_input("开始时间", "starts", errors, type="datetime-local", default_value=state.starts),
            controls.text_input("结束时间", "ends", errors, type="datetime-local", default_value=state.ends),
            style=_PAIR,
        ),
        rx.el.div(
            controls.text_input(
                "地点", "place", errors, default_value=state.place, placeholder="例如 社区活动室", max_length=120
            ),
            controls.text_input(
                "人数上限", "capacity", errors, default_value=state.capacity, input_mode="numeric", max_length=10
            ),
            style=_PAIR,
        ),
        photos_field(state),
    )


def new_activity() -> rx.Component:
    """Invite the neighbours."""
    return publishing(ActivityFormState, "发起活动", *_fields(), back=_BACK, route=routes.ACTIVITY_NEW)


def edit_activity() -> rx.Component:
    """Change an activity of mine."""
    return editing(ActivityFormState, "编辑活动", *_fields(), back=_BACK)
