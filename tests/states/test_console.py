"""The operators' console in open tabs."""

import pytest

from tests.factories import make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.services import operator_log, operator_log_pages


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


def logged(tab: Tab) -> list[str]:
    return [entry["target_name"] for entry in tab["console_log_state"]["entries"]]


async def test_the_log_is_narrowed_by_the_address(site: Site, operator: Actor) -> None:
    for action, name in (("announcement.pin", "停水通知"), ("room.mute", "大嗓门")):
        site.database.write(operator_log.record, operator, action, target_name=name)
    tab = await site.tab_of(operator, routes.ADMIN_LOG)
    assert logged(tab) == ["大嗓门", "停水通知"]
    await tab.call("console_log_state.look_for", form={"action": "room.mute", "words": " 嗓 ", "since": "never"})
    [path] = tab.redirects()
    assert path == routes.admin_log({"action": "room.mute", "words": "嗓"})
    await tab.go(path)
    assert logged(tab) == ["大嗓门"]
    assert tab["console_log_state"]["csv_url"] == routes.admin_log_csv({"action": "room.mute", "words": "嗓"})


async def test_the_log_grows_as_one_scrolls(site: Site, operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_log_pages, "PAGE_SIZE", 2)
    for number in range(3):
        site.database.write(operator_log.record, operator, "room.mute", target_name=str(number))
    tab = await site.tab_of(operator, routes.ADMIN_LOG)
    assert (logged(tab), tab["console_log_state"]["has_more"]) == (["2", "1"], True)
    await tab.call("console_log_state.load_more")
    assert (logged(tab), tab["console_log_state"]["has_more"]) == (["2", "1", "0"], False)
