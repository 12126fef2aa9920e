"""Advertisements are told from neighbours who say how they are reached."""

import pytest

from xianyu.services import contact_spam

SPAM = [
    "专业代购，加微信 abc12345",
    "兼职日结，一天三百，电话13800138000",
    "刷 单 返 佣 加 q q 8 8 8 6 6 6 1 2",
    "办证刻章 联系 138-0013-8000",
    "日本代购，微信号：daigou_88，全场包邮",
    "低息贷款秒到账，电话一三八零零一三八零零零",
    "代開發票，VX：fapiao666",
    "宝妈在家兼职，进群 123456789",
    "加薇信 meimei_2024 看更多",
    "招代理，一件代发，扣扣 1234567",
    "减肥药，＋V jianfei888，微商爆款",
    "看这里 https://a.example/1 https://b.example/2 还有 https://c.example/3",
]
HONEST = [
    "九成新山地车，自提，电话 13800138000",
    "电话 138 0013 8000，白天都在",
    "有微信的可以站内说一声",
    "朋友代购带回来的，没用过，站内联系",
    "整套现货，电话13800138000",
    "水枪手柄有点松，电话13800138000",
    "现代考古学教材，电话13800138000",
    "空调外挂机一台，自己拆，13800138000",
    "厨房增加微波炉架一个，电话13800138000",
    "棋牌桌一张，电话13800138000",
    "手机跑分 80 万，电话13800138000",
    "房子车贷款都还清了，急出，电话13800138000",
    "小区群里问过了，群号不记得",
    "说明书在 https://a.example/1，视频在 https://b.example/2",
    "订单号 20261130123456789，刷卡付款",
]
PRIVATE = [
    "加我微信 hello_2024，我给你发定位",
    "加微信吧 13800138000",
    "我的电话 13800138000，到楼下打给我",
]


@pytest.mark.parametrize("text", SPAM)
def test_an_advertisement_is_found(text: str) -> None:
    assert contact_spam.find(text, is_private=False)


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_is_none(text: str) -> None:
    assert contact_spam.find(text, is_private=False) == []
    assert contact_spam.find(text, is_private=True) == []


@pytest.mark.parametrize("text", PRIVATE)
def test_two_people_may_exchange_their_numbers(text: str) -> None:
    assert contact_spam.find(text, is_private=True) == []


def test_services_are_advertised_to_one_person_too() -> None:
    assert contact_spam.find("刷单吗，加微信 abc12345", is_private=True)


def test_links_to_the_site_itself_do_not_count() -> None:
    text = "https://s.example/listing/1 https://s.example/listing/2 https://s.example:3000/listing/3"
    assert contact_spam.find(text, is_private=True, own_host="s.example") == []
    assert len(contact_spam.find(text, is_private=True, own_host="other.example")) == 3
