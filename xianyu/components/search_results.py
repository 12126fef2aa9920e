"""What a search has found: listings, activities and announcements, each in its own kind of card."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, lists, tokens
from xianyu.components.cards import card_skeleton, titled_card
from xianyu.models import Section
from xianyu.schemas.listings import CategoryGroup
from xianyu.schemas.search import Filter, SearchHit, TextPart
from xianyu.states.catalog import CatalogState
from xianyu.states.search import SearchState

# Categories that are offered where nothing was found.
_OFFERED = 8
_SKELETONS = 8


def _part(part: rx.Var[TextPart]) -> rx.Component:
    return rx.cond(part.is_match, rx.el.mark(part.text), rx.fragment(part.text))


def _title(hit: rx.Var[SearchHit]) -> rx.Component:
    return rx.fragment(rx.foreach(hit.parts, _part))


def _other_card(hit: rx.Var[SearchHit]) -> rx.Component:
    is_activity = hit.section == Section.ACTIVITY.value
    icon = rx.cond(
        is_activity,
        rx.icon("calendar-heart", size=36, stroke_width=1.4, aria_hidden="true"),
        rx.icon("megaphone", size=36, stroke_width=1.4, aria_hidden="true"),
    )
    return rx.link(
        rx.el.span(_title(hit), class_name="x-found-title"),
        rx.el.span(hit.line, class_name="x-found-line"),
        rx.el.span(rx.cond(is_activity, "活动", "公告"), class_name="x-tag x-found-kind"),
        rx.el.span(
            rx.cond(hit.cover_url != "", rx.el.img(src=hit.cover_url, alt="", loading="lazy"), icon),
            class_name="x-found-picture",
        ),
        href=hit.url,
        underline="none",
        class_name="x-found",
    )


def _card(hit: rx.Var[SearchHit]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            hit.section == Section.TRADE.value,
            titled_card(hit.card, _title(hit)),
            _other_card(hit),
        ),
        key=f"{hit.section} {hit.id}",
    )


def _popular() -> rx.Component:
    def link(group: rx.Var[CategoryGroup]) -> rx.Component:
        href = f"{routes.SEARCH}?category={group.slug}"
        return controls.secondary_link(group.name, href=href, style={"font_size": "15px"}, key=group.slug)

    return rx.el.section(
        rx.el.h2("逛逛这些分类", style={"font_size": "16px", "margin": "0 0 14px", "text_align": "center"}),
        rx.el.div(
            rx.foreach(CatalogState.groups[:_OFFERED], link),
            style={"display": "flex", "flex_wrap": "wrap", "gap": "10px", "justify_content": "center"},
        ),
        style={"max_width": "560px", "margin": "0 auto"},
    )


def _way_out(each: rx.Var[Filter]) -> rx.Component:
    number = rx.cond(each.is_more, f"{each.count}+", each.count.to_string())
    return rx.el.button(
        f"去掉“{each.label}”",
        rx.el.span(f"{number} 件", class_name="x-way-out-count"),
        type="button",
        class_name="x-pill",
        on_click=SearchState.choose(each.name, ""),  # type: ignore[operator]  # a handler of a class is called to bind arguments
        key=each.name,
    )


def _ways_out() -> rx.Component:
    return rx.cond(
        SearchState.ways_out.length() > 0,
        rx.el.div(rx.foreach(SearchState.ways_out, _way_out), class_name="x-ways-out"),
    )


def _keep() -> rx.Component:
    """Only listings can be waited for."""
    return rx.cond(
        (SearchState.section == "") | (SearchState.section == Section.TRADE.value),
        rx.cond(
            SearchState.saved,
            controls.secondary_link("已订阅，有了会通知你", href=routes.SAVED_SEARCHES),
            controls.primary_button(
                rx.icon("bell-plus", size=18, aria_hidden="true"),
                "订阅这个搜索",
                disabled=controls.waits(SearchState.busy),
                on_click=SearchState.save,
            ),
        ),
    )


def _nothing() -> rx.Component:
    sentence = rx.cond(SearchState.words != "", f"没有找到“{SearchState.words}”", "没有找到符合条件的宝贝")
    advice = rx.cond(
        SearchState.ways_out.length() > 0,
        "少一个条件就有，或者等邻居发布：",
        "换个说法试试，或者订阅它，有邻居发布就通知你。",
    )
    return rx.el.div(
        controls.empty_state(
            "search-x",
            rx.fragment(
                rx.el.span(sentence, style={"display": "block", "color": tokens.INK, "overflow_wrap": "anywhere"}),
                advice,
            ),
            rx.fragment(_ways_out(), _keep()),
        ),
        _popular(),
    )


def _refused() -> rx.Component:
    return controls.empty_state(
        "hourglass", SearchState.refusal, controls.primary_button("再试一次", on_click=SearchState.load)
    )


def _found() -> rx.Component:
    return rx.el.div(
        rx.cond(
            SearchState.is_relaxed,
            rx.el.div(
                rx.el.p("没有完全符合的，下面这些比较接近。", role="status", style={"margin": "0"}),
                _ways_out(),
                class_name="x-relaxed",
            ),
        ),
        rx.el.ul(rx.foreach(SearchState.hits, _card), class_name="x-results"),
        lists.end(SearchState, SearchState.hits),
        lists.more(SearchState),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.span("正在搜索", role="status", class_name="x-visually-hidden"),
        *[card_skeleton() for _ in range(_SKELETONS)],
        class_name="x-results",
    )


def _new() -> rx.Component:
    return rx.cond(
        SearchState.has_new,
        rx.el.div(
            controls.primary_button(
                rx.icon("arrow-up", size=18, aria_hidden="true"), "有新发布", on_click=SearchState.show_new
            ),
            role="status",
            class_name="x-has-new",
        ),
    )


def results() -> rx.Component:
    """The cards, or what stands in their place: a wait, a refusal, or what to do where there is nothing."""
    return rx.el.div(
        _new(),
        rx.cond(
            SearchState.refusal != "",
            _refused(),
            rx.cond(
                SearchState.loaded,
                rx.cond(SearchState.hits.length() > 0, _found(), _nothing()),
                _waiting(),
            ),
        ),
        aria_busy=SearchState.busy,
        class_name="x-results-frame",
    )


def count() -> rx.Component:
    """How many there are, told to screen readers when it changes."""
    number = rx.cond(SearchState.is_more, f"{SearchState.count}+", SearchState.count.to_string())
    return rx.el.p(
        rx.cond(
            SearchState.loaded & (SearchState.refusal == ""),
            rx.cond(
                SearchState.count == 0,
                "没有结果",
                rx.cond(SearchState.is_relaxed, f"相近的 {number} 件", f"找到 {number} 件"),
            ),
            "",
        ),
        role="status",
        class_name="x-count-line",
    )
