"""My data: an archive to take along, and the end of the account."""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.react import time_ago
from xianyu.components.settings.section import note, proof_error, section
from xianyu.services.closing import GRACE, WORD
from xianyu.states.my_data import MyDataState


def _under_way() -> rx.Component:
    return rx.el.div(
        rx.el.progress(
            value=MyDataState.export.progress,
            max=100,
            aria_label="导出进度",
            style={"width": "100%", "accent_color": tokens.PRIMARY_HOVER},
        ),
        note(f"正在打包… {MyDataState.export.progress}%", role="status"),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        controls.primary_link("下载", href=MyDataState.export.url, download=True, reload_document=True),
        note("有效期至 ", time_ago(MyDataState.export.expires_at, "clock"), margin="8px 0 16px"),
    )


def export_card() -> rx.Component:
    """导出我的数据."""
    status = MyDataState.export.status
    return section(
        "导出我的数据",
        rx.match(
            status,
            ("waiting", _under_way()),
            ("running", _under_way()),
            ("ready", _ready()),
            ("failed", note("导出没有成功，请再试一次。", role="alert", margin="0 0 12px")),
            rx.fragment(),
        ),
        rx.cond(
            (status != "waiting") & (status != "running"),
            controls.secondary_button("导出我的数据", on_click=MyDataState.request_export),
        ),
        rx.cond(MyDataState.errors.contains("export"), controls.field_error(MyDataState.errors, "export")),
        hint="资料、发布、聊天和照片，打成一个压缩包，7 天内可以下载。",
    )


def _closing() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "账号将于 ",
            time_ago(MyDataState.closing.closing_at, "clock"),
            " 注销。",
            role="status",
            style={"margin": "0 0 12px"},
        ),
        controls.primary_button("我改主意了，保留账号", on_click=MyDataState.keep_account),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(
            MyDataState.closing.has_proof,
            controls.text_input(
                "密码", "closing_password", MyDataState.errors, type="password", auto_complete="current-password"
            ),
            rx.el.input(type="hidden", name="closing_password", default_value=""),
        ),
        controls.text_input(f"输入“{WORD}”确认", "word", MyDataState.errors, auto_complete="off"),
        proof_error(MyDataState.errors),
        controls.secondary_button("注销账号", type="submit", disabled=controls.waits(), style={"color": tokens.DANGER}),
        on_submit=MyDataState.close_account,
        no_validate=True,
    )


def closing_card() -> rx.Component:
    """注销账号."""
    return section(
        "注销账号",
        rx.cond(MyDataState.closing.closing_at != "", _closing(), _form()),
        hint=f"发布会立刻下架。{GRACE.days} 天内可以反悔；之后资料全部删除，邻居那边的聊天会显示“已注销用户”。",
    )
