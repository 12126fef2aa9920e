"""The buttons of an order, each with the dialog that it needs, and the timeline of what was done."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.form_dialog import DialogForm, form_dialog
from xianyu.components.react import time_ago
from xianyu.schemas.orders import OrderAction, OrderStep
from xianyu.services.order_forms import CARRIER_LENGTH, REASON_LENGTH
from xianyu.services.order_states import Action
from xianyu.states.order import OrderState

_CARRIERS = ("顺丰速运", "京东快递", "中通快递", "圆通速递", "申通快递", "韵达快递", "极兔速递", "邮政快递包裹")
# What cannot be taken back is asked for once more, and told what comes of it.
_SENTENCES = {
    Action.DECLINE: "订单会关闭，留着的件数回到架上，对方会看到原因。",
    Action.CANCEL: "订单会关闭，留着的件数回到架上，对方会看到原因。",
    Action.REPRICE: "只能改低。改好后对方马上看到新的价格。",
    Action.SHIP: "填好后对方就能按单号查到它。",
    Action.HAND_OVER: "确认东西已经当面交给买家。双方都确认后，订单就完成了。",
    Action.RECEIVE: "确认东西已经拿到手，和说好的一样。确认后不能撤回。",
}


def _sentence(action: rx.Var[OrderAction]) -> Any:
    return rx.match(action.name, *[(name.value, text) for name, text in _SENTENCES.items()], "")


def _reason() -> rx.Component:
    return controls.text_area(
        "原因",
        "reason",
        OrderState.errors,
        rows=3,
        max_length=2 * REASON_LENGTH[1],
        placeholder="说一声为什么，对方会看到",
    )


def _price() -> rx.Component:
    return controls.text_input(
        "每件价格",
        "price",
        OrderState.errors,
        default_value=OrderState.order.unit_price,
        input_mode="decimal",
        max_length=40,
        hint="单位是元",
    )


def _tracking() -> rx.Component:
    return rx.fragment(
        controls.text_input(
            "快递公司",
            "carrier",
            OrderState.errors,
            list="carriers",
            auto_complete="off",
            max_length=2 * CARRIER_LENGTH[1],
        ),
        rx.el.datalist(*[rx.el.option(value=name) for name in _CARRIERS], id="carriers"),
        controls.text_input("快递单号", "tracking_number", OrderState.errors, auto_complete="off", max_length=80),
    )


def _dialog(action: rx.Var[OrderAction], button: rx.Component) -> rx.Component:
    return form_dialog(
        button,
        action.label,
        rx.match(action.needs, ("reason", _reason()), ("price", _price()), ("tracking", _tracking()), rx.fragment()),
        rx.el.input(type="hidden", name="action", value=action.name, read_only=True),
        submit=action.label,
        form=DialogForm(
            is_open=OrderState.asking == action.name,
            on_open_change=lambda is_open: OrderState.ask(action.name, is_open),  # type: ignore[operator]  # Reflex makes an event of it on the class
            on_submit=OrderState.submit,
            errors=OrderState.errors,
            busy=OrderState.busy,
        ),
        sentence=_sentence(action),
    )


def _button(action: rx.Var[OrderAction]) -> rx.Component:
    quiet = {"color": rx.cond(action.needs == "reason", tokens.DANGER, tokens.INK)}
    at_once = controls.primary_button(
        action.label,
        on_click=OrderState.take(action.name),  # type: ignore[operator]  # as above
        disabled=OrderState.busy,
    )
    return rx.cond(
        action.is_primary,
        rx.cond(action.name == Action.CONFIRM.value, at_once, _dialog(action, controls.primary_button(action.label))),
        _dialog(action, controls.secondary_button(action.label, style=quiet)),
    )


def buttons() -> rx.Component:
    """What whoever looks may do now, the step that leads on first."""
    actions = OrderState.order.actions
    return rx.cond(
        actions.length() > 0,
        rx.el.div(
            rx.foreach(actions, lambda action: rx.fragment(_button(action), key=action.name)),
            role="group",
            aria_label="可以做的",
            style={"display": "flex", "flex_wrap": "wrap", "gap": "10px", "margin_top": "16px"},
        ),
    )


def _step(step: rx.Var[OrderStep]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(step.title),
            rx.el.span(time_ago(step.at, "clock"), style={"color": tokens.QUIET, "font_size": "13px"}),
            style={"display": "flex", "flex_wrap": "wrap", "gap": "2px 12px", "align_items": "baseline"},
        ),
        rx.el.div(
            rx.cond(step.actor_name == "", "系统", rx.cond(step.is_mine, "我", step.actor_name)),
            rx.cond(step.detail != "", f"：{step.detail}", ""),
            style={"color": tokens.QUIET, "font_size": "14px", "overflow_wrap": "anywhere"},
        ),
        key=step.key.to_string(),
        class_name="x-step",
    )


def timeline() -> rx.Component:
    """What was done by whom and when, the first step first."""
    return rx.el.ol(rx.foreach(OrderState.order.steps, _step), class_name="x-steps")
