"""The form's video, as a browser's tab sends it."""

import json
from typing import Any

import pytest

from tests.factories import make_photo, make_user, make_video
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.services import listing_pages


def form(database: Database, owner: Actor, video: object) -> dict[str, Any]:
    photos = json.dumps({"ids": [make_photo(database, owner)], "pending": 0})
    texts = {"title": "会动的车", "description": "有视频为证", "price": "12", "quantity": "1", "category": "books"}
    return {**texts, "kind": "offer", "photos": photos, "video": video}


async def published(site: Site, tab: Tab, seller: Actor, video: object) -> int:
    """Publish, and the id of the video that the listing then has; -1 if the form was refused."""
    await tab.call("sell_state.publish", form=form(site.database, seller, video))
    if tab["sell_state"]["errors"]:
        assert list(tab["sell_state"]["errors"]) == ["video"]
        return -1
    card = site.database.read(listing_pages.by_seller, seller, seller.user_id).cards[0]
    return site.database.read(listing_pages.detail, None, card.id).video.id


async def test_a_listing_gets_the_video_of_its_form(site: Site) -> None:
    seller = make_user(site.database)
    video_id = make_video(site.database, seller)
    tab = await site.tab_of(seller, routes.SELL)
    assert await published(site, tab, seller, json.dumps({"id": video_id, "pending": False})) == video_id
    # It is used now.
    assert await published(site, tab, seller, json.dumps({"id": video_id, "pending": False})) == -1
    assert await published(site, tab, seller, json.dumps({"id": None, "pending": False})) == 0


async def test_nobody_publishes_while_the_video_is_on_its_way(site: Site) -> None:
    seller = make_user(site.database)
    tab = await site.tab_of(seller, routes.SELL)
    assert await published(site, tab, seller, json.dumps({"id": None, "pending": True})) == -1
    assert "还在上传或处理" in tab["sell_state"]["errors"]["video"]


@pytest.mark.parametrize(
    "video", ['{"id": "1"}', '{"id": -1}', '{"id": [1]}', '{"id": 1e400}', '{"id": true}', "7.5", "[]"]
)
async def test_what_no_picker_sends_is_refused(site: Site, video: str) -> None:
    seller = make_user(site.database)
    tab = await site.tab_of(seller, routes.SELL)
    assert await published(site, tab, seller, video) == -1


async def test_a_strangers_video_is_refused(site: Site) -> None:
    seller = make_user(site.database)
    others = make_video(site.database, make_user(site.database))
    tab = await site.tab_of(seller, routes.SELL)
    assert await published(site, tab, seller, json.dumps({"id": others, "pending": False})) == -1
    assert "失效" in tab["sell_state"]["errors"]["video"]
