"""One push on the wire: what a real push service on this machine gets, and what becomes of its answers."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.push_endpoint import PushEndpoint, push_endpoint, settings
from xianyu.adapters import push as wire
from xianyu.adapters.addresses import is_public
from xianyu.adapters.push import Answer, Outcome, PushService
from xianyu.adapters.push_keys import KeyPair, decode, make_keys
from xianyu.schemas.push import PushKeys, PushMessage
from xianyu.settings import get_settings, push_public_key_of

MESSAGE = PushMessage("邻里闲鱼", "阿明 发来一条消息", "conversation-7", "/messages/7")


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return make_keys()


@pytest.fixture
def endpoint(keys: KeyPair) -> Iterator[PushEndpoint]:
    with push_endpoint(keys) as endpoint:
        yield endpoint


@pytest.fixture
async def service(keys: KeyPair, use: Callable[..., None]) -> AsyncIterator[PushService]:
    use(**{name: str(value) for name, value in settings(keys).items()})
    service = PushService(get_settings())
    yield service
    await service.close()


async def test_a_browser_can_read_it_and_knows_who_sent_it(endpoint: PushEndpoint, service: PushService) -> None:
    device = endpoint.device()
    assert await service.send(device.keys, MESSAGE) == Answer(Outcome.DELIVERED)
    [pushed] = await asyncio.to_thread(endpoint.wait, 1)
    assert pushed.path == device.path
    assert pushed.says == {
        "title": "邻里闲鱼",
        "body": "阿明 发来一条消息",
        "tag": "conversation-7",
        "url": "/messages/7",
    }
    assert pushed.headers["urgency"] == "high"
    assert len(pushed.headers["topic"]) == 32
    assert "conversation" not in pushed.headers["topic"]
    assert "cookie" not in pushed.headers


async def test_a_conversation_has_one_topic_and_a_push_service_one_signature(
    endpoint: PushEndpoint, service: PushService
) -> None:
    for tag in ("conversation-7", "conversation-7", "conversation-8"):
        await service.send(endpoint.device().keys, PushMessage("x", "y", tag, "/"))
    pushed = await asyncio.to_thread(endpoint.wait, 3)
    topics = [one.headers["topic"] for one in pushed]
    assert topics[0] == topics[1] != topics[2]
    assert len({one.headers["authorization"] for one in pushed}) == 1


@pytest.mark.parametrize(
    ("status", "headers", "answer"),
    [
        (200, {}, Answer(Outcome.DELIVERED)),
        (201, {}, Answer(Outcome.DELIVERED)),
        (404, {}, Answer(Outcome.GONE)),
        (410, {}, Answer(Outcome.GONE)),
        (429, {}, Answer(Outcome.LATER)),
        (429, {"Retry-After": "30"}, Answer(Outcome.LATER, 30)),
        (429, {"Retry-After": "99999999999999999999"}, Answer(Outcome.LATER, wire.LONGEST_WAIT)),
        (503, {"Retry-After": "soon"}, Answer(Outcome.LATER)),
        (500, {}, Answer(Outcome.LATER)),
        (400, {}, Answer(Outcome.REFUSED)),
        (403, {}, Answer(Outcome.REFUSED)),
        (413, {}, Answer(Outcome.REFUSED)),
        (301, {"Location": "{elsewhere}"}, Answer(Outcome.REFUSED)),
        (307, {"Location": "{elsewhere}"}, Answer(Outcome.REFUSED)),
    ],
)
async def test_answers(
    status: int, headers: dict[str, str], answer: Answer, endpoint: PushEndpoint, service: PushService
) -> None:
    device, elsewhere = endpoint.device(), endpoint.device()
    endpoint.answer(
        device, status, {name: text.format(elsewhere=elsewhere.keys.endpoint) for name, text in headers.items()}
    )
    assert await service.send(device.keys, MESSAGE) == answer
    # No redirect is followed.
    assert endpoint.asked == [device.path]


async def test_a_date_to_come_back_at(endpoint: PushEndpoint, service: PushService) -> None:
    device = endpoint.device()
    for seconds, least, most in ((120, 100, 120), (-120, 0, 0)):
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        endpoint.answer(device, 503, {"Retry-After": moment})
        answer = await service.send(device.keys, MESSAGE)
        assert answer.outcome == Outcome.LATER
        assert least <= answer.wait <= most


async def test_a_slow_push_service_is_left_alone_in_time_and_holds_up_nobody(
    endpoint: PushEndpoint, service: PushService, keys: KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", 0.5)
    quick = PushService(get_settings())
    device = endpoint.device()
    endpoint.answer(device, 201, after=60)
    started, turns = time.monotonic(), 0
    sending = asyncio.create_task(quick.send(device.keys, MESSAGE))
    while not sending.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert await sending == Answer(Outcome.LATER)
    assert time.monotonic() - started < 10
    assert turns > 10
    await quick.close()


async def test_a_dead_push_service_is_no_failure(service: PushService) -> None:
    with push_endpoint() as gone:
        device = gone.device()
    assert await service.send(device.keys, MESSAGE) == Answer(Outcome.LATER)


async def test_keys_that_encrypt_nothing_are_forgotten(
    endpoint: PushEndpoint, service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    device = endpoint.device()
    with caplog.at_level(logging.ERROR):
        answer = await service.send(PushKeys(device.keys.endpoint, "AAAA", device.keys.auth), MESSAGE)
    assert answer == Answer(Outcome.GONE)
    assert endpoint.asked == []


async def test_no_name_leads_into_the_servers_own_network(
    keys: KeyPair, endpoint: PushEndpoint, use: Callable[..., None]
) -> None:
    """Whatever a name says when it is looked up: this one means this machine, where somebody listens."""
    use(**{name: str(value) for name, value in (settings(keys) | {"push_allow_local": False}).items()})
    service = PushService(get_settings())
    device = endpoint.device()
    named = device.keys.endpoint.replace("127.0.0.1", "localhost")
    answer = await service.send(PushKeys(named, device.keys.p256dh, device.keys.auth), MESSAGE)
    await service.close()
    assert answer == Answer(Outcome.LATER)
    assert endpoint.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fd00::1"),
        *("ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "", "x"),
    ],
)
def test_addresses_of_networks_of_ones_own(address: str) -> None:
    assert not is_public(address)


def test_keys_belong_together() -> None:
    keys = make_keys()
    assert len(decode(keys.private)) == 32
    assert len(decode(keys.public)) == 65
    assert push_public_key_of(keys.private) == keys.public
    assert make_keys() != keys
