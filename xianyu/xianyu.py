"""The composition root: the app, its pages, its HTTP routes and what runs beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import reflex as rx
from reflex.constants import Dirs
from reflex.utils.prerequisites import get_web_dir
from starlette.applications import Starlette
from starlette.types import ASGIApp

from xianyu import http, routes
from xianyu.adapters import ending, logs, mail
from xianyu.adapters.database import get_database, in_thread, use_worker_threads
from xianyu.adapters.live import bus
from xianyu.adapters.relay import run_relay
from xianyu.components import tokens
from xianyu.components.failure import error_boundary
from xianyu.components.layout import connection_banner
from xianyu.components.notice import notice
from xianyu.http import metrics as http_metrics
from xianyu.http.existence import HonestStatus
from xianyu.http.headers import SecurityHeaders, inline_script_hashes
from xianyu.http.origin import SameOriginOnly
from xianyu.pages.activity import activity
from xianyu.pages.activity_form import edit_activity, new_activity
from xianyu.pages.announcement import announcement
from xianyu.pages.announcement_form import edit_announcement, new_announcement
from xianyu.pages.buy import buy
from xianyu.pages.confirm_email import confirm_email
from xianyu.pages.console_announcements import console_announcements
from xianyu.pages.console_catalog import console_catalog
from xianyu.pages.console_held import console_held
from xianyu.pages.console_listings import console_listings as listings_of_all
from xianyu.pages.console_log import console_log
from xianyu.pages.console_overview import console_overview as overview
from xianyu.pages.console_reports import console_reports
from xianyu.pages.console_user import console_user
from xianyu.pages.console_users import console_users
from xianyu.pages.console_words import console_words
from xianyu.pages.favorites import favorites
from xianyu.pages.forgot_password import forgot_password
from xianyu.pages.friends import friends
from xianyu.pages.history import history
from xianyu.pages.home import home
from xianyu.pages.link import link
from xianyu.pages.listing import listing
from xianyu.pages.login import login
from xianyu.pages.login_code import login_code
from xianyu.pages.me import me
from xianyu.pages.messages import conversation, messages
from xianyu.pages.not_found import not_found
from xianyu.pages.order import order
from xianyu.pages.orders import orders
from xianyu.pages.plaza import public_room
from xianyu.pages.register import register
from xianyu.pages.reset_password import reset_password
from xianyu.pages.saved_searches import saved_searches
from xianyu.pages.search import search
from xianyu.pages.sell import edit, sell
from xianyu.pages.settings import ON_LOAD as SETTINGS_ON_LOAD
from xianyu.pages.settings import settings
from xianyu.pages.user import user
from xianyu.pages.welcome import welcome
from xianyu.services import audit, word_list
from xianyu.services.cleanup import clean_orphans
from xianyu.settings import get_settings
from xianyu.states import (
    activities,
    announcement_clock,
    announcements,
    boxes,
    catalog,
    console,
    console_listings,
    console_overview,
    contacts,
    conversation_listings,
    conversation_news,
    delivery,
    durations,
    failures,
    feed,
    herald,
    inbox,
    interest,
    my_data,
    my_listings,
    plaza,
    purchase,
    push,
    remembered,
    section_feeds,
    shell,
)
from xianyu.states import console_announcements as console_announcements_state
from xianyu.states import console_catalog as console_catalog_state
from xianyu.states import console_held as held_state
from xianyu.states import console_reports as console_reports_state
from xianyu.states import console_users as console_users_state
from xianyu.states import console_words as words_state
from xianyu.states import listing as listing_state
from xianyu.states import order as order_state
from xianyu.states import order_reviews as order_reviews_state
from xianyu.states import orders as orders_state
from xianyu.states import reviews as reviews_state
from xianyu.states import search as search_state
from xianyu.states.activities import ActivityState, MyActivitiesState
from xianyu.states.announcement_clock import publish_announcements
from xianyu.states.announcements import AnnouncementState
from xianyu.states.ban_clock import keep_bans
from xianyu.states.boxes import BoxState
from xianyu.states.console import ConsoleState
from xianyu.states.console_announcements import ConsoleAnnouncementsState
from xianyu.states.console_catalog import ConsoleCatalogState
from xianyu.states.console_held import ConsoleHeldState
from xianyu.states.console_listings import ConsoleListingsState
from xianyu.states.console_log import ConsoleLogState
from xianyu.states.console_overview import ConsoleOverviewState
from xianyu.states.console_reports import ReportsState
from xianyu.states.console_users import UsersState, UserState
from xianyu.states.console_words import ConsoleWordsState
from xianyu.states.contacts import ContactState, FriendsState
from xianyu.states.conversation import ConversationState
from xianyu.states.entrance import LoginState, RegisterState
from xianyu.states.external import ExternalEntranceState, PendingLoginState
from xianyu.states.feed import FeedState
from xianyu.states.inbox import InboxState
from xianyu.states.interest import InterestState
from xianyu.states.listing import ListingState
from xianyu.states.my_data import erase_accounts, make_exports
from xianyu.states.my_listings import MeState
from xianyu.states.offers import OfferState
from xianyu.states.order import OrderState
from xianyu.states.order_clock import keep_deadlines
from xianyu.states.order_reviews import OrderReviewsState
from xianyu.states.orders import OrdersState, WaitingState
from xianyu.states.people import PersonState
from xianyu.states.plaza import PlazaState, watch_room
from xianyu.states.presence import watch_people
from xianyu.states.purchase import BuyState
from xianyu.states.recovery import ForgotPasswordState, ResetPasswordState
from xianyu.states.remembered import FavoritesState, HistoryState
from xianyu.states.reminders import remind_people
from xianyu.states.reviews import ListingReviewsState, PersonReviewsState
from xianyu.states.saved_searches import SavedSearchesState
from xianyu.states.search import SearchState
from xianyu.states.settings_email import ConfirmEmailState
from xianyu.states.shell import ShellState

# How often pictures that became part of nothing are looked for, in seconds.
CLEANING_INTERVAL = 3600

_SITE = get_settings().site_name
_BUILD = get_web_dir() / Dirs.STATIC

logs.set_up(get_settings().log_level)


class _Site(rx.App):
    """The app with the headers around all of it: the framework's own layers answer, too."""

    def __call__(self) -> ASGIApp:
        """What is served."""
        return SecurityHeaders(super().__call__(), build=_BUILD)


app = _Site(
    html_lang="zh-CN",
    stylesheets=["/site.css"],
    head_components=[
        rx.el.style(tokens.stylesheet()),
        rx.el.link(rel="icon", href="/favicon.ico", sizes="any"),
        rx.el.link(rel="apple-touch-icon", href="/icon.png"),
        rx.el.link(rel="manifest", href=routes.MANIFEST),
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
    ],
    extra_app_wraps={},
    backend_exception_handler=failures.answer,
    api_transformer=[
        Starlette(routes=http.routes),
        SameOriginOnly,
        HonestStatus,
    ],
)
# Reflex's own speak English.
app.app_wraps[(55, "ErrorBoundary")] = lambda stateful: error_boundary(**({} if stateful else {"on_error": rx.noop()}))
app.app_wraps[(5, "Overlay")] = lambda stateful: rx.fragment(connection_banner(), notice()) if stateful else None

app.add_middleware(durations.HandlerDurations())
delivery.install(app)
for listener in (
    # First: whoever comes after asks for categories.
    catalog.on_event,
    conversation_news.on_event,
    conversation_listings.on_event,
    shell.on_event,
    inbox.on_event,
    feed.on_event,
    contacts.on_event,
    plaza.on_event,
    section_feeds.on_event,
    activities.on_event,
    announcements.on_event,
    announcement_clock.on_event,
    herald.on_event,
    console_announcements_state.on_event,
    console_catalog_state.on_event,
    listing_state.on_event,
    my_listings.on_event,
    order_state.on_event,
    orders_state.on_event,
    order_reviews_state.on_event,
    reviews_state.on_event,
    purchase.on_event,
    search_state.on_event,
    interest.on_event,
    remembered.on_event,
    boxes.on_event,
    push.on_event,
    my_data.on_event,
    console.on_event,
    console_overview.on_event,
    console_listings.on_event,
    # What the list holds is known before its pages show it.
    word_list.on_event,
    console_reports_state.on_event,
    console_users_state.on_event,
    held_state.on_event,
    words_state.on_event,
    audit.on_event,
    http_metrics.on_event,
):
    bus.subscribe(listener)


def _add_page(component: Callable[[], rx.Component], route: str, title: str, *on_load: Any) -> None:
    app.add_page(component, route=route, title=f"{title} · {_SITE}", on_load=[ShellState.enter, *on_load])


_MEMBERS = ShellState.require_login

_add_page(home, routes.HOME, "首页", FeedState.load)
_add_page(login, routes.LOGIN, "登录", LoginState.load, ExternalEntranceState.load)
_add_page(register, routes.REGISTER, "注册", RegisterState.load, ExternalEntranceState.load)
_add_page(welcome, routes.WELCOME, "选个用户名", PendingLoginState.load)
_add_page(link, routes.LINK, "绑定已有账号", PendingLoginState.load)
_add_page(login_code, routes.LOGIN_CODE, "两步验证", PendingLoginState.load)
_add_page(forgot_password, routes.FORGOT_PASSWORD, "忘记密码", ForgotPasswordState.load)
_add_page(reset_password, routes.RESET_PASSWORD, "重置密码", ResetPasswordState.load)
_add_page(confirm_email, routes.CONFIRM_EMAIL, "确认新邮箱", ConfirmEmailState.load)
_add_page(sell, routes.SELL, "发布闲置", _MEMBERS)
_add_page(search, routes.SEARCH, "搜索", SearchState.load)
_add_page(saved_searches, routes.SAVED_SEARCHES, "我的订阅", _MEMBERS, SavedSearchesState.load)
_add_page(
    listing,
    routes.LISTING,
    "宝贝详情",
    ListingState.load,
    InterestState.load,
    OfferState.load,
    ListingReviewsState.load,
)
_add_page(buy, routes.BUY, "购买宝贝", _MEMBERS, BuyState.load)
_add_page(orders, routes.ORDERS, "我的订单", _MEMBERS, OrdersState.load, WaitingState.load)
_add_page(order, routes.ORDER, "订单详情", _MEMBERS, OrderState.load, OrderReviewsState.load, WaitingState.load)
_add_page(edit, routes.LISTING_EDIT, "编辑宝贝", _MEMBERS)
_add_page(new_activity, routes.ACTIVITY_NEW, "发起活动", _MEMBERS)
_add_page(activity, routes.ACTIVITY, "活动", ActivityState.load)
_add_page(edit_activity, routes.ACTIVITY_EDIT, "编辑活动", _MEMBERS)
_add_page(new_announcement, routes.ANNOUNCEMENT_NEW, "发布公告", _MEMBERS)
_add_page(announcement, routes.ANNOUNCEMENT, "公告", AnnouncementState.load)
_add_page(edit_announcement, routes.ANNOUNCEMENT_EDIT, "编辑公告", _MEMBERS)
_add_page(messages, routes.MESSAGES, "消息", _MEMBERS, InboxState.load, BoxState.load, ContactState.count)
_add_page(
    conversation,
    routes.CONVERSATION,
    "聊天",
    _MEMBERS,
    InboxState.load,
    ConversationState.load,
    ContactState.load_peer,
    ContactState.count,
)
_add_page(me, routes.ME, "我的", _MEMBERS, MeState.load, MyActivitiesState.load, ContactState.count, WaitingState.load)
_add_page(favorites, routes.FAVORITES, "我的收藏", _MEMBERS, FavoritesState.load)
_add_page(history, routes.HISTORY, "足迹", _MEMBERS, HistoryState.load)
_add_page(settings, routes.SETTINGS, "设置", _MEMBERS, *SETTINGS_ON_LOAD)
_add_page(user, routes.USER, "邻居主页", PersonState.load, ContactState.load, PersonReviewsState.load)
_add_page(friends, routes.FRIENDS, "好友", _MEMBERS, FriendsState.load, ContactState.count)
_add_page(public_room, routes.PLAZA, "公共聊天室", PlazaState.load)
_add_page(overview, routes.ADMIN, "管理后台", _MEMBERS, ConsoleState.enter, ConsoleOverviewState.load)
_add_page(listings_of_all, routes.ADMIN_LISTINGS, "宝贝管理", _MEMBERS, ConsoleState.enter, ConsoleListingsState.load)
_add_page(console_held, routes.ADMIN_HELD, "审核", _MEMBERS, ConsoleState.enter, ConsoleHeldState.load)
_add_page(console_words, routes.ADMIN_WORDS, "敏感词", _MEMBERS, ConsoleState.enter, ConsoleWordsState.load)
_add_page(console_log, routes.ADMIN_LOG, "操作日志", _MEMBERS, ConsoleState.enter, ConsoleLogState.load)
_add_page(
    console_announcements,
    routes.ADMIN_ANNOUNCEMENTS,
    "公告管理",
    _MEMBERS,
    ConsoleState.enter,
    ConsoleAnnouncementsState.load,
)
_add_page(console_catalog, routes.ADMIN_CATALOG, "板块与分类", _MEMBERS, ConsoleState.enter, ConsoleCatalogState.load)
_add_page(console_reports, routes.ADMIN_REPORTS, "举报", _MEMBERS, ConsoleState.enter, ReportsState.load)
_add_page(console_users, routes.ADMIN_USERS, "用户", _MEMBERS, ConsoleState.enter, UsersState.load)
_add_page(console_user, routes.ADMIN_USER, "用户", _MEMBERS, ConsoleState.enter, UserState.load)
_add_page(not_found, "404", "页面不存在")


async def _start() -> None:
    use_worker_threads()
    await in_thread(lambda: inline_script_hashes(_BUILD))
    await catalog.load()


async def _clean_up() -> None:
    while True:
        await in_thread(lambda: clean_orphans(get_database(), get_settings().media_dir))
        await asyncio.sleep(CLEANING_INTERVAL)


@asynccontextmanager
async def _keep_promises() -> AsyncIterator[None]:
    # In this order: what handlers left to be done may still write mails.
    async with ending.before_the_end(delivery.settle, mail.outbox.settle):
        yield


app.register_lifespan_task(_start)
app.register_lifespan_task(_keep_promises)
app.register_lifespan_task(mail.deliver)
# Ends before the one above: what it waits for may still write mails.
app.register_lifespan_task(delivery.finish)
app.register_lifespan_task(run_relay)
app.register_lifespan_task(_clean_up)
app.register_lifespan_task(make_exports)
app.register_lifespan_task(erase_accounts)
app.register_lifespan_task(remind_people)
app.register_lifespan_task(keep_deadlines)
app.register_lifespan_task(publish_announcements)
app.register_lifespan_task(keep_bans)
app.register_lifespan_task(push.push_people)
app.register_lifespan_task(watch_people)
app.register_lifespan_task(watch_room)
