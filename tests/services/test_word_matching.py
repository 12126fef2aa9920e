"""Words are found however they are spelled or split, and nothing else is covered."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianyu.models import WordAction
from xianyu.services.word_folding import fold, folded
from xianyu.services.word_matching import MASK, Matcher, mask

WORDS = ("枪支", "毒品", "加微信", "代开发票", "vx", "sm", "fuck", "weixin", "110", "加v", "赌博网站")
matcher = Matcher((word, WordAction.MASK) for word in WORDS)


def masked(text: str) -> str:
    return mask(text, matcher.find(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("出售枪支弹药", "出售＊＊弹药"),
        ("出售枪 支弹药", "出售＊＊＊弹药"),
        ("枪\u200b支", "＊＊＊"),
        ("枪\ufe0f支\ufe0f", "＊＊＊\ufe0f"),
        ("枪.支，枪-支；枪＿支", "＊＊＊，＊＊＊；＊＊＊"),
        ("槍支和代開發票", "＊＊和＊＊＊＊"),
        ("加【微】信", "＊＊＊＊＊"),
        ("毒，品", "＊＊＊"),
        ("加，微，信都行，随便你挑", "＊＊＊＊＊都行，随便你挑"),
        ("赌博，网站", "＊＊＊＊＊"),
        ("ＶＸ", "＊＊"),
        ("ⓥⓧ 🆅🆇 🅥🅧 𝒗𝒙", "＊＊ ＊＊ ＊＊ ＊＊"),
        ("v❤x", "＊＊＊"),
        ("v x 聊", "＊＊＊ 聊"),
        ("加vx聊", "加＊＊聊"),
        ("vx13800138000", "＊＊13800138000"),
        ("FÜÇK", "＊＊＊＊"),
        ("fυсk", "＊＊＊＊"),
        ("f u c k you", "＊＊＊＊＊＊＊ you"),
        ("wei xin", "＊＊＊＊＊＊＊"),
        ("we1x1n", "＊＊＊＊＊＊"),
        ("WeＩxⅰn", "＊＊＊＊＊＊"),
        ("打110，打 1 1 0", "打＊＊＊，打 ＊＊＊＊＊"),
        ("打①①⓪", "打＊＊＊"),
        ("看\n枪\n支", "看\n＊＊＊"),
        ("枪支枪支", "＊＊＊＊"),
    ],
)
def test_a_word_is_covered_and_nothing_else(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "已消毒，品相很好",
        "锅具都消毒过！品牌都是正规的",
        "电池刚加满，微信联系就行",
        "devx 开发板",
        "xbox dev kit",
        "dev xbox",
        "尺码 S M L 都有",
        "尺码：S/M/L",
        "small 码",
        "prism 三棱镜",
        "1.10 元一个",
        "1100 元",
        "2110 年",
        "11 000 元",
        "加vivo充电器",
        "儿童水枪，支架另算，都在楼下自取",
        "weixinxin",
        "unfuckable 这个词",
    ],
)
def test_innocent_sentences_stay_as_they_are(text: str) -> None:
    assert masked(text) == text


def test_words_may_overlap_and_each_is_told() -> None:
    both = Matcher([("加微信", WordAction.MASK), ("微信号", WordAction.HOLD)])
    assert [(match.word, match.action) for match in both.find("加微信号")] == [
        ("加微信", WordAction.MASK),
        ("微信号", WordAction.HOLD),
    ]
    assert mask("加微信号", both.find("加微信号")) == "＊＊＊＊"


def test_no_words_find_nothing() -> None:
    assert Matcher([]).find("枪支") == []
    assert Matcher([("！！", WordAction.MASK)]).find("枪支！！") == []


def test_a_half_character_harms_nobody() -> None:
    assert masked("\ud83d枪支") == "\ud83d＊＊"


SEPARATORS = st.text(
    alphabet=" \t\u3000\u200b\u2060.,，。-_*·~!！/|+❤🌟【】「」'\"＃\ufe0f\u0301", min_size=1, max_size=3
)
AROUND = st.text(alphabet="好的看看在这里", max_size=2)


@given(data=st.data(), word=st.sampled_from(["枪支", "加微信", "代开发票", "赌博网站", "vx", "fuck", "weixin"]))
def test_separators_do_not_hide_a_word(data: st.DataObject, word: str) -> None:
    split = word[0] + "".join(data.draw(SEPARATORS) + char for char in word[1:])
    before, after = data.draw(AROUND), data.draw(AROUND)
    assert masked(before + split + after) == before + MASK * len(split) + after


@given(data=st.data(), word=st.sampled_from(["vx", "fuck", "weixin"]))
def test_another_look_does_not_hide_a_word(data: st.DataObject, word: str) -> None:
    looks = [
        lambda char: char.upper(),
        lambda char: chr(ord(char) - ord("a") + ord("ａ")),
        lambda char: chr(ord(char) - ord("a") + ord("ⓐ")),
        lambda char: chr(ord(char) - ord("a") + 0x1F170),
        lambda char: chr(ord(char) - ord("a") + 0x1D41A),
        lambda char: char + "\u0323",
    ]
    drawn = "".join(data.draw(st.sampled_from(looks))(char) for char in word)
    assert set(masked(drawn)) <= {MASK, "\u0323"}


@given(st.text(alphabet=st.one_of(st.sampled_from("".join(WORDS) + " .，1lI"), st.characters()), max_size=60))
def test_masking_keeps_the_length_and_every_other_character(text: str) -> None:
    found = matcher.find(text)
    covered = mask(text, found)
    inside = {place for match in found for place in range(match.start, match.end)}
    assert len(covered) == len(text)
    for place, (before, after) in enumerate(zip(text, covered, strict=True)):
        assert after == (MASK if place in inside else before)


@given(st.text(max_size=60))
def test_folding_is_done_by_the_character(text: str) -> None:
    assert fold(text) == "".join(map(folded, text))


@given(st.text(alphabet=string.printable, max_size=40))
def test_what_is_folded_once_is_folded(text: str) -> None:
    assert fold(fold(text)) == fold(text)
