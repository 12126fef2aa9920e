"""Prices in plain Chinese: what a sentence says about them, in fen.

A number is a price only where something says so: 元 or 块, a bound such as 以内 or 左右, a word such as
预算, or the shape of a range. All others belong to what is looked for: iPhone 15, 27寸, 2024.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from xianyu.services.listing_form import MAX_PRICE_FEN

# 一百左右 is from a quarter below to a quarter above.
_ABOUT = 4
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "k": 1000, "w": 10_000}

_ARABIC = (
    r"(?<![\da-z.])(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,8})(?:\.\d{1,2})?"
    r"(?:[kw](?![a-z])|[千百万])?(?:(?<=[kw千百万])[1-9])?(?![\d.])"
)
_HAN = (
    r"(?<![第一二两三四五六七八九十百千])[一二两三四五六七八九十百千][一二两三四五六七八九十百千万零〇]{0,8}"
    r"|(?<![\d一二两三四五六七八九十百千])万"
)
_NUMBER = rf"(?:{_ARABIC}|(?:{_HAN})(?![一二两三四五六七八九十百千万几\d]))"
_CURRENCY = r"(?:块钱|元钱|块|元|圆|人民币|rmb|软妹币)"
# What makes a number a measure of something else.
_UNIT = (
    r"(?![a-z]|\s?(?:[寸岁码号年月日天斤克升米度期页集代版层楼瓦毫厘公平匹人个只本张把台辆条件双套成分秒周级股核线"
    r"座室厅升支瓶盒包片根颗枚节卷册]|以内加减))"
)
_NOT_SUMS = r"(?!\s*的?(?:加减|口算|乘法|乘除|算术|数学|计算))"
_TOPIC = r"(?:(?:价格|价位|价钱|售价|单价|预算|标价)(?:大概|大约|差不多)?(?:要|就|想|可以)?(?:在|从|是|为|有|:)?\s*)"


def _amount(name: str) -> str:
    """A number with or without its currency, as groups called after ``name``."""
    return rf"(?:(?:¥|rmb|人民币)\s*)?(?P<{name}>{_NUMBER})\s*(?P<{name}_unit>{_CURRENCY})?"


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@dataclass(frozen=True)
class Bounds:
    """From and to, in fen; ``text`` is what said so."""

    least: int | None
    most: int | None
    text: str = ""


def number(text: str) -> float:
    """What a numeral stands for, Arabic, Chinese or both: ``"1.5万"``, ``"两千五"``, ``"3k"``, ``"百"``."""
    text = text.lower().replace(",", "")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kw百千万]?)(\d?)", text)
    if match is None:
        return _han(text)
    power = _POWERS.get(match[2], 1)
    return float(match[1]) * power + int(match[3] or 0) * power / 10


def _han(text: str) -> float:
    total, section, digit, last = 0, 0, 0, 1
    for char in text:
        if char in _DIGITS:
            # After 零 a digit stands for itself: 一百零五.
            digit, last = _DIGITS[char], 10 if char in "零〇" else last
        elif char == "万":
            total, section, digit, last = (total + section + digit or 1) * 10_000, 0, 0, 10_000
        else:
            last = _POWERS[char]
            section, digit = section + (digit or 1) * last, 0
    # 一百五 is 150 and 三千五 is 3500.
    return total + section + digit * (last // 10 if last > 10 else 1)  # noqa: PLR2004 - ten: 十五 is 15


def _fen(yuan: float) -> int:
    return min(round(yuan * 100), MAX_PRICE_FEN)


def _top_power(value: float) -> int:
    return int(10 ** (len(str(int(value))) - 1))


def _around(value: float) -> Bounds:
    return Bounds(_fen(value - value / _ABOUT), _fen(value + value / _ABOUT))


_RANGE = _compiled(
    rf"(?P<topic>{_TOPIC}|介于|从)?{_amount('a')}\s*(?P<sign>-+|~|—+|–|到|至|和|跟|与)\s*{_amount('b')}"
    rf"(?P<tail>\s*(?:之间|以内|左右|之内))?"
)
_BARE_END = _compiled(rf"(?:{_UNIT})(?![\d.])")
_LENSES = _compiled("镜头|焦段|焦距|变焦")
_YEARS = range(1950, 2050)


def _range(match: re.Match[str], sentence: str) -> Bounds | None:
    low, high = number(match["a"]), number(match["b"])
    if low < 10 <= high and low * _top_power(high) < high:  # noqa: PLR2004 - 三到五百, 1-2千, 7-800块
        low *= _top_power(high)
    said = match["topic"] or match["a_unit"] or match["b_unit"] or match["tail"] or "¥" in match[0]
    if low >= high or (match["sign"] in "和跟与" and not match["tail"]):
        return None
    is_other = (
        low < 10  # noqa: PLR2004 - 3-6岁
        or (low in _YEARS and high in _YEARS)
        or _LENSES.search(sentence)
        or not _BARE_END.match(sentence, match.end())
    )
    return None if is_other and not said else Bounds(_fen(low), _fen(high))


_SEVERAL = _compiled(
    rf"(?P<a>[一两二三四五六七八])(?P<b>[二两三四五六七八九])(?P<power>[十百千万]){_CURRENCY}?(?:左右|以内)?"
)


def _several(match: re.Match[str], _sentence: str) -> Bounds | None:
    low, high = _DIGITS[match["a"]], _DIGITS[match["b"]]
    power = _POWERS[match["power"]]
    return Bounds(_fen(low * power), _fen(high * power)) if low < high else None


_VAGUE = _compiled(rf"好?几(?P<power>[十百千万]?)(?:块钱|元钱|块|元)|(?P<teens>十几){_CURRENCY}")


def _vague(match: re.Match[str], _sentence: str) -> Bounds:
    power = _POWERS.get(match["power"] or "", 1)
    return Bounds(_fen(10), _fen(20)) if match["teens"] else Bounds(_fen(power), _fen(10 * power))


_ODD = _compiled(
    rf"{_TOPIC}?(?P<a>{_ARABIC}|{_HAN})(?P<word>多|来|把|出头)(?P<unit>{_CURRENCY})?(?:钱)?(?(unit)|(?=\s|的|$))"
)


def _odd(match: re.Match[str], _sentence: str) -> Bounds | None:
    value = number(match["a"])
    if value < 10:  # noqa: PLR2004 - 一多 is no price
        return None
    if match["word"] in {"来", "把"}:
        return _around(value)
    step = next(power for power in (10_000, 1000, 100, 10, 1) if value % power == 0)
    return Bounds(_fen(value), _fen(value + (step if match["word"] == "多" else 0.3 * value)))


_NEAR = _compiled(
    rf"{_TOPIC}?(?:大概|大约|约|差不多)?\s*{_amount('a')}\s*(?:的?预算)?(?:左右|上下(?!铺|床)|前后|附近|差不多)(?:的?预算)?"
)


def _near(match: re.Match[str], _sentence: str) -> Bounds:
    return _around(number(match["a"]))


_MOST = _compiled(
    rf"{_TOPIC}?(?:不要超过|别超过|不能超过|不超过|不高于|不大于|不多于|(?<!不)(?:低于|小于等于|小于|少于)|不到|最多|最高|顶多|至多|上限|控制在|<=?|≤)"
    rf"\s*{_amount('a')}(?(a_unit)|{_UNIT})(?:\s*(?:以内|以下|之内|之下|以里|左右))?{_NOT_SUMS}"
    rf"|{_TOPIC}?{_amount('b')}\s*(?:以内|及?以下|之内|之下|以里|封顶|为上限|内(?![存置胆衣裤部页容蒙]))(?:的?预算)?{_NOT_SUMS}"
    rf"|比\s*{_amount('c')}\s*(?:更|还)?(?:便宜|低)"
    rf"|{_TOPIC}{_amount('d')}(?(d_unit)|{_UNIT})"
    rf"|{_amount('e')}(?:的)?预算"
)
_LEAST = _compiled(
    rf"{_TOPIC}?(?:不低于|不少于|不小于|至少|最低|最少|(?<!不)(?:高于|大于等于|大于|超过)|>=?|≥)\s*{_amount('a')}(?(a_unit)|{_UNIT})(?:\s*以上)?"
    rf"|{_TOPIC}?{_amount('b')}\s*(?:及?以上|之上|往上|起步|起(?=$|[\s的]))"
)


def _value(match: re.Match[str]) -> float:
    return number(next(text for name, text in match.groupdict().items() if text and len(name) == 1))


def _most(match: re.Match[str], _sentence: str) -> Bounds:
    return Bounds(None, _fen(_value(match)))


def _least(match: re.Match[str], _sentence: str) -> Bounds:
    return Bounds(_fen(_value(match)), None)


# 一块滑板 is a piece of something, and 100元京东卡 is what it is worth.
_PLAIN = _compiled(
    rf"(?P<about>大概|大约|约|差不多)?\s*(?P<sign>¥|rmb|人民币)?\s*(?P<a>{_NUMBER})\s*(?P<unit>{_CURRENCY})?"
    r"(?:钱)?(?!\s*(?:面值|面额)?的?(?:话费|红包|代金|优惠|京东|天猫|充值|购物|礼品|[\u4e00-\u9fff]{0,3}[卡券店机]))"
)
_ROUND_END = re.compile(r"的|\s|$")


def _plain(match: re.Match[str], sentence: str) -> Bounds | None:
    value, unit = number(match["a"]), match["unit"]
    is_counting = value < 10 and (unit == "块" or not match["a"].isascii())  # noqa: PLR2004 - one digit
    if match["sign"] or (unit and (unit in {"块钱", "元钱"} or not is_counting)):
        return _around(value)
    if unit:
        return None
    if match["about"]:
        return _around(value) if _BARE_END.match(sentence, match.end()) else None
    # 三百的台灯, 1.5万的钢琴; but 4K的电视 and 42的鞋 are none.
    is_round = value >= 100 and re.search("[百千万]", match["a"]) and len(match["a"]) > 1  # noqa: PLR2004 - 一百
    return _around(value) if is_round and _ROUND_END.match(sentence, match.end()) else None


_Reader = Callable[[re.Match[str], str], Bounds | None]
# In this order: each takes away what the later ones would misread.
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_RANGE, _range),
    (_NEAR, _near),
    (_SEVERAL, _several),
    (_VAGUE, _vague),
    (_ODD, _odd),
    (_MOST, _most),
    (_LEAST, _least),
    (_PLAIN, _plain),
)


def take_price(sentence: str) -> tuple[str, Bounds | None]:
    """The sentence without what it says about prices, and that.

    What contradicts an earlier word stays in the sentence.
    """
    found: Bounds | None = None
    for pattern, read in _READERS:
        position = 0
        while match := pattern.search(sentence, position):
            bounds = read(match, sentence)
            merged = bounds and _merge(found, bounds, match[0].strip())
            position = match.end() if merged is None else match.start() + 1
            if merged is not None:
                found = merged
                sentence = f"{sentence[: match.start()]} {sentence[match.end() :]}"
    return sentence, found


def _merge(old: Bounds | None, new: Bounds, text: str) -> Bounds | None:
    if old is None:
        return Bounds(new.least, new.most, text)
    if (old.least is not None and new.least is not None) or (old.most is not None and new.most is not None):
        return None
    least = new.least if old.least is None else old.least
    most = new.most if old.most is None else old.most
    if least is not None and most is not None and least > most:
        return None
    return Bounds(least, most, f"{old.text} {text}")
