"""What stands in the place of a page that could not be drawn."""

from typing import Any

import reflex as rx
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary

from xianyu import routes
from xianyu.components import controls


def error_boundary(**props: Any) -> rx.Component:
    """Catches an error in the browser; Reflex's own would speak English and show a stack trace."""
    fallback = rx.el.main(
        controls.empty_state(
            "frown", "页面出了点问题，刷新一下通常就好了。", controls.primary_link("回首页", href=routes.HOME)
        )
    )
    return ErrorBoundary.create(fallback_render=ArgsFunctionOperation.create((), rx.Var.create(fallback)), **props)
