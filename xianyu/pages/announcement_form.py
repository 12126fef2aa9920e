"""The pages at ``/announcement/new`` and ``/announcement/[announcement_id]/edit``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.section_form import editing, photos_field, publishing
from xianyu.models import Section
from xianyu.states.announcements import AnnouncementFormState

_BACK = routes.section(Section.ANNOUNCEMENT)


def _fields() -> tuple[rx.Component, ...]:
    state = AnnouncementFormState
    return (
        controls.text_input(
            "标题", "title", state.errors, default_value=state.title, placeholder="例如 周三停水通知", max_length=120
        ),
        controls.text_area(
            "正文",
            "text",
            state.errors,
            default_value=state.text,
            rows=9,
            placeholder="时间、范围、需要大家做什么、联系谁",
        ),
        photos_field(state),
        controls.check_box("置顶，一直排在最前面", "pinned", default_checked=state.is_pinned),
        rx.cond(state.can_wait, _schedule()),
    )


def _schedule() -> rx.Component:
    """When it is to be published. The style sheet shows the time where the box is ticked."""
    state = AnnouncementFormState
    return rx.el.div(
        controls.check_box("定时发布", "timed", default_checked=state.scheduled != ""),
        rx.el.div(
            controls.text_input(
                "发布时间",
                "scheduled",
                state.errors,
                type="datetime-local",
                default_value=state.scheduled,
                hint="到时自动发布，在那以前只有管理员看得到",
            ),
            class_name="x-when-timed",
        ),
    )


def new_announcement() -> rx.Component:
    """Tell everybody something."""
    return publishing(AnnouncementFormState, "发布公告", *_fields(), back=_BACK, route=routes.ANNOUNCEMENT_NEW)


def edit_announcement() -> rx.Component:
    """Change an announcement."""
    return editing(AnnouncementFormState, "编辑公告", *_fields(), back=_BACK)
