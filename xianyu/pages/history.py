"""The page at ``/me/history``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.confirm import asking
from xianyu.components.interest import remembered_grid
from xianyu.components.layout import page
from xianyu.states.remembered import HistoryState


def _erase_dialog() -> rx.Component:
    return asking(
        controls.secondary_button("清空足迹"),
        "清空全部足迹？",
        "清空后不能恢复。宝贝的浏览数不会因此改变。",
        "清空",
        HistoryState.erase_all,
    )


def history() -> rx.Component:
    """What I looked at, by day."""
    return page(
        rx.el.div(
            rx.el.h1("足迹", style={"font_size": "22px", "margin": "0"}),
            rx.cond(HistoryState.entries.length() > 0, _erase_dialog()),
            style={
                "display": "flex",
                "align_items": "center",
                "justify_content": "space-between",
                "gap": "12px",
                "min_height": "44px",
                "margin_bottom": "8px",
            },
        ),
        remembered_grid(
            HistoryState,
            icon="x",
            action="删除足迹",
            on_remove=HistoryState.erase,
            by_day=True,
            empty=controls.empty_state(
                "footprints",
                "还没有足迹。看过的宝贝会记在这里，只有你自己看得到。",
                controls.primary_link("去逛逛", href=routes.HOME),
            ),
        ),
    )
