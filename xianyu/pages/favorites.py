"""The page at ``/me/favorites``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.interest import remembered_grid
from xianyu.components.layout import page
from xianyu.states.remembered import FavoritesState


def favorites() -> rx.Component:
    """What I saved."""
    return page(
        rx.el.h1("我的收藏", style={"font_size": "22px", "margin": "0 0 16px"}),
        remembered_grid(
            FavoritesState,
            icon="heart-off",
            action="取消收藏",
            on_remove=FavoritesState.remove,
            empty=controls.empty_state(
                "heart",
                "还没有收藏。看到喜欢的宝贝，点「收藏」，降价了会告诉你。",
                controls.primary_link("去逛逛", href=routes.HOME),
            ),
        ),
    )
