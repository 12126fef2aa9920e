"""What a neighbourhood offers, for the tests of searching: each row's number is its age, the highest the newest."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import Listing, ListingTag, Section
from xianyu.services import search_index
from xianyu.services.categories import group_of
from xianyu.services.search_words import fold


class Offer(NamedTuple):
    title: str
    text: str
    category: str
    yuan: float
    condition: str = ""
    tags: tuple[str, ...] = ()
    kind: str = "offer"
    status: str = "active"


OFFERS = {
    1: Offer("山地自行车 26寸 九成新", "骑了半年，刹车灵，小区自提", "bicycles", 180, "like_new", ("自行车", "通勤")),
    2: Offer("折叠自行车，可放后备箱", "买菜神器，送车锁", "bicycles", 260, "good", ("自行车",)),
    3: Offer("儿童自行车带辅助轮", "适合三到六岁", "kids-bikes", 90, "fair", ("自行车", "儿童")),
    4: Offer("公路车 700C 碳纤维", "比赛用车，当面看车", "bicycles", 3200, "good"),
    5: Offer("电动车 48V 新国标", "电池刚换，续航六十公里", "e-bikes", 1500, "good", ("电动车", "通勤")),
    6: Offer("车筐和车灯一套", "自行车配件，没用过", "bicycles", 25, "new"),
    7: Offer("iPhone15手机壳 透明", "磁吸款，全新未拆", "phone-accessories", 15, "new", ("苹果",)),
    8: Offer("iPhone 15 128G 黑色", "电池健康 96%，箱说全", "mobile-phones", 3600, "like_new", ("苹果", "手机")),
    9: Offer("苹果 iPhone 14 Pro 紫色", "换了 15 Pro，这台出掉", "mobile-phones", 3999, "good", ("苹果",)),
    10: Offer("ｉＰｈｏｎｅ１５ 钢化膜", "买多了一张", "phone-accessories", 9.9, "new"),
    11: Offer("小米手机 13 12+256", "屏幕无划痕", "mobile-phones", 1500, "good", ("手机",)),
    12: Offer("手机支架 桌面", "铝合金，配iPhone、安卓都行，15元包邮", "phone-accessories", 15, "good"),
    13: Offer("婴儿推车 可坐可躺", "宝宝大了用不上", "strollers", 120, "good", ("母婴", "推车")),
    14: Offer("高景观婴儿推车", "九成新，一键折叠", "strollers", 450, "like_new", ("推车",)),
    15: Offer("婴儿床 实木带滚轮", "送床垫和床围", "cribs", 200, "good", ("母婴",)),
    16: Offer("儿童安全座椅 0-4岁", "没出过事故，可拆洗", "strollers", 300, "good"),
    17: Offer("绘本 50 本打包", "小猪佩奇、巴巴爸爸都有", "kids-books", 60, "good", ("儿童", "绘本")),
    18: Offer("乐高积木一大盒", "LEGO 散件，送收纳盒", "toys", 80, "good", ("儿童",)),
    19: Offer("考研数学复习全书", "去年的，几乎没写字", "exam-books", 20, "good", ("考研", "数学")),
    20: Offer("考研英语真题 + 单词书", "写了一半，答案在", "exam-books", 15, "fair", ("考研",)),
    21: Offer("高等数学教材 上下册", "同济第七版，有笔记", "textbooks", 18, "fair", ("数学",)),
    22: Offer("线性代数教材", "考研也能用", "textbooks", 10, "good", ("数学",)),
    23: Offer("Python 编程 从入门到实践", "第3版，无划线", "other-books", 35, "like_new", ("编程",)),
    24: Offer("C++ Primer 中文版", "大部头，有折痕", "other-books", 30, "fair", ("编程",)),
    25: Offer("三体全集", "刘慈欣，科幻，正版", "literature", 40, "good"),
    26: Offer("人体工学椅 可躺", "腰托可调，程序员必备", "tables-chairs", 350, "good", ("椅子",)),
    27: Offer("实木书桌 1.2米", "橡木，带抽屉，需自提", "tables-chairs", 260, "good", ("书桌",)),
    28: Offer("宜家书架 白色", "五层，有轻微使用痕迹", "storage", 80, "fair", ("书架",)),
    29: Offer("双人沙发 灰色布艺", "可拆洗，需自己搬", "sofas", 400, "fair"),
    30: Offer("落地灯 北欧风", "三档调光", "lighting", 45, "good"),
    31: Offer("床垫 1.5米 乳胶", "睡了一年，无塌陷", "beds", 500, "good"),
    32: Offer("电饭煲 3L", "内胆完好", "kitchen-appliances", 60, "good"),
    33: Offer("空气炸锅 几乎没用", "买来炸过两次鸡翅", "kitchen-appliances", 99, "like_new"),
    34: Offer("扫地机器人", "带基站，电池一年", "small-appliances", 600, "good"),
    35: Offer("滚筒洗衣机 8公斤", "搬家出，有电梯", "large-appliances", 700, "good"),
    36: Offer("空调挂机 1.5匹", "制冷很好，包拆机", "air-conditioners", 800, "fair"),
    37: Offer("27寸显示器 4K Type-C", "无坏点，带支架", "monitors", 900, "good", ("显示器",)),
    38: Offer("机械键盘 青轴", "87键，RGB", "keyboards", 120, "good", ("键盘",)),
    39: Offer("ThinkPad X1 Carbon", "i7 16G 512G，办公够用", "laptops", 2600, "good"),
    40: Offer("iPad Air 5 64G", "带笔和键盘套", "tablets", 2500, "like_new", ("苹果", "平板")),
    41: Offer("索尼降噪耳机 WH-1000XM4", "sony 头戴，耳罩新换", "audio", 800, "good"),
    42: Offer("蓝牙音箱", "可连手机", "audio", 70, "good"),
    43: Offer("任天堂 Switch 续航版", "送两张卡带：塞尔达、马车8", "game-consoles", 1100, "good"),
    44: Offer("胶片相机 带35定焦", "旁轴，送胶卷", "cameras", 1250, "good"),
    45: Offer("Nike 跑鞋 42码", "耐克，穿过三次", "shoes", 220, "like_new"),
    46: Offer("羽绒服 男 XL", "九成新，干洗过", "mens-clothing", 150, "like_new"),
    47: Offer("连衣裙 均码", "只试穿过", "womens-clothing", 50, "new"),
    48: Offer("28寸行李箱", "轮子顺滑，有划痕", "bags", 88, "fair"),
    49: Offer("吉他 41寸 民谣", "送琴包、变调夹", "instruments", 200, "good"),
    50: Offer("瑜伽垫 10mm", "加厚防滑", "fitness", 20, "good"),
    51: Offer("哑铃一对 20kg", "可拆卸", "fitness", 90, "good"),
    52: Offer("露营帐篷 3-4人", "用过一次，防雨", "outdoors", 180, "like_new"),
    53: Offer("猫爬架", "猫不爱爬，人也不爱看", "pet-supplies", 65, "good", ("猫",)),
    54: Offer("多肉盆栽 一组六盆", "自己养的，很好养", "plants", 20, "", ("绿植",)),
    55: Offer("绿萝 免费送", "分盆多出来的，自取", "plants", 0, "", ("绿植", "免费")),
    56: Offer("旧书旧杂志 免费", "来拿就行，书不挑", "other-books", 0, "worn", ("免费",)),
    57: Offer("求购 二手自行车", "上下班骑，能骑就行", "bicycles", 200, "", ("自行车",), "wanted"),
    58: Offer("求购 考研数学书", "张宇或李永乐都行", "exam-books", 30, "", ("考研",), "wanted"),
    59: Offer("山地自行车 已卖", "不会被找到", "bicycles", 100, "good", (), "offer", "sold_out"),
    60: Offer("自行车 下架了", "不会被找到", "bicycles", 100, "good", (), "offer", "taken_down"),
    61: Offer("自行车 删除了", "不会被找到", "bicycles", 100, "good", (), "offer", "deleted"),
    62: Offer("Россия матрёшка 套娃", "俄罗斯带回来的 ♥", "collectibles", 66, "good", ("手办",)),
    63: Offer("咖啡 café 拉花缸", "かわいい, 한국 제품", "kitchenware", 30, "good"),
}
_START = datetime(2026, 1, 1, tzinfo=UTC)


def published(number: int) -> datetime:
    """When an offer was published."""
    return _START + timedelta(hours=number)


def fill(database: Database) -> dict[int, int]:
    """Store all offers in the order of their numbers.

    Returns:
        The number of each listing by its id.
    """
    seller = make_user(database)

    def work(session: Session) -> dict[int, int]:
        numbers = {}
        for number, offer in OFFERS.items():
            listing = Listing(
                seller_id=seller.user_id,
                title=offer.title,
                description=offer.text,
                price_fen=round(offer.yuan * 100),
                quantity=1,
                kind=offer.kind,
                category=offer.category,
                category_group=group_of(offer.category),
                condition=offer.condition,
                status=offer.status,
                cover=f"{number:032x}.webp",
                published_at=published(number),
            )
            session.add(listing)
            session.flush()
            assert listing.id is not None
            session.add_all(
                ListingTag(listing_id=listing.id, position=position, name=tag, name_key=fold(tag))
                for position, tag in enumerate(offer.tags)
            )
            search_index.refresh(session, Section.TRADE, listing.id)
            numbers[listing.id] = number
        return numbers

    return database.write(work)
