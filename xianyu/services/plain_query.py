"""A plain sentence as a search: “200元以内的山地车，九成新” is a price, a condition, a category and a word.

The same sentence always means the same search. What the parser does not understand stays among the words, so
that the worst it can do is look for a word too many. Its choices:

- Bare words are no sentence: they are looked for as they stand, in every category.
- Who looks for a thing (谁有, 想买, 收, 求) means what is on offer. 求购 leaves that open, since the site
  calls a wanted listing so as well; as a noun (求购帖), and in 谁要 or 谁收, it means those.
- 九成新 is that condition and no other; 九成新以上 is that or better. 一百左右 is a quarter more or less.
"""

import re
import unicodedata
from dataclasses import fields, replace

from xianyu.models import Condition, ListingKind, Section
from xianyu.schemas.search import Chip, SearchQuery, Sort, Understood
from xianyu.services import plain_model
from xianyu.services.categories import category_name
from xianyu.services.conditions import condition_name
from xianyu.services.plain_prices import Bounds, take_price
from xianyu.services.plain_words import WANTED, category, pieces
from xianyu.services.search_address import clean_words, yuan

# Nobody asks in so many characters; the rest of a longer text is left out.
LONGEST = 200
# A single word of up to so many characters is a keyword and no sentence.
_KEYWORD = 6
# What the model said of the latest sentences, so that going back asks nothing again.
_MOST_PROPOSALS = 256
_proposals: dict[str, SearchQuery] = {}


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_ALL = tuple(Condition)
_TENS = {char: value for value, char in enumerate("零一二三四五六七八九十")}
# How new in percent each condition begins, in order.
_FROM = (100, 95, 90, 80, 0)
_BETTER = r"(?P<better>(?:及|或)?(?:以上|往上|起))?"
_LEAST = r"(?P<least>至少|最少|不低于|最低|起码)?(?:要|是|得)?"
_SHARE = _compiled(
    rf"(?:成色)?{_LEAST}(?:(?P<two>[五六七八]?[六七八九])成(?P<half>[五九])?(?:新{_BETTER}|以上)|(?P<tens>\d)(?:\.(?P<tenth>\d))?\s?成(?:新(?P<up>以上)?|以上)"
    rf"|(?<![\d.])(?P<percent>[6-9]\d)新(?P<up2>以上)?|(?P<han>[七八九][五九])新(?P<up3>以上)?|十成新)"
)
_SPAN = _compiled(r"(?P<a>[七八78])[到至\-~]?(?P<b>[八九89])成新")
_NAMED: tuple[tuple[re.Pattern[str], tuple[Condition, ...]], ...] = (
    (
        _compiled(
            r"(?:几乎|近|接近|基本|差不多)(?:是)?全新|准新|(?:几乎|基本)?没(?:怎么|咋)用过?|几乎没用过?|只用过?[一两几]次"
        ),
        (_ALL[1],),
    ),
    (
        _compiled(
            r"全新(?!版)(?:未拆封?|没拆(?:封|过)?|未开封|正品|未使用)?|未拆封?|没拆(?:封|过)?|未开封|没开封|未使用过?|没用过|原封未动"
        ),
        (_ALL[0],),
    ),
    (
        _compiled(
            r"成色(?:要)?(?:好|新|佳|不错|较?新)(?:一?点|些)?|(?:比较|很|较|超级?|挺|非常)新(?:一?点)?(?=的|$|\s)|新一点(?:儿)?"
        ),
        _ALL[:3],
    ),
)
_FREE = _compiled(
    r"(?:有没有|有人|谁有|谁|有)?免费(?!送货|安装|配送|上门|停车|课|wifi|试)(?:送人?|领取?|拿|赠送|转让)?|(?:有人|谁|有没有)?白(?:送|给|拿)|不要钱|不花钱"
    r"|(?<![\d.])(?:0|零)元(?:送)?|有(?:没有|人)?送的(?:吗|么)?|求送|赠送(?!品)"
)
_SORTS: tuple[tuple[re.Pattern[str], Sort], ...] = (
    (_compiled(r"(?:按)?(?:价格|价钱|价位)?(?:从|由)(?:高到低|贵到便宜)|最贵"), Sort.DEAREST),
    (
        _compiled(
            r"(?:按)?(?:价格|价钱|价位)?(?:从|由)(?:低到高|便宜到贵)|价格低到高|(?:价格|价钱|价位)最低(?!\d)"
            r"|(?:价格|价钱|价位)?(?:最|更|比较|越)?(?:便宜|实惠|划算|性价比高|低价)(?!出|转)(?:一?[点些]儿?)?(?:越好|就行|就好|优先)?"
            r"|(?:价格|价钱)?(?:不要|别|不能)太?贵"
        ),
        Sort.CHEAPEST,
    ),
    (_compiled(r"最新(?:发布|上架|上新)|最新(?=的|\s|$|公告|通知|活动)|(?:刚刚?|新)(?:发布?|上架)"), Sort.NEWEST),
)
_WHEN = r"(?:这?个?周末|本周末?|这周|下周|最近|近期|今天|明天|这个月|小区|社区|园区|校园)"
_SECTIONS: tuple[tuple[re.Pattern[str], Section], ...] = (
    (
        _compiled(
            r"(?<![促运])活动(?:征集|报名|信息|安排|预告)?(?:有哪些)?(?:可以|能)?(?:参加|报名)?(?:的|吗|呢|呀)?(?=$|\s)"
        ),
        Section.ACTIVITY,
    ),
    (_compiled(r"(?:公告|通知)(?:栏|信息)?(?:有哪些|吗|呢)?(?=$|\s)|重要信息(?:发布)?(?=$|\s)"), Section.ANNOUNCEMENT),
)
_OF_SECTIONS = _compiled(rf"{_WHEN}|都?有(?:没有)?(?:什么|哪些|啥)?|有没有|什么|哪些|发布")
_SECTION_NAMES = {Section.ACTIVITY: "活动", Section.ANNOUNCEMENT: "公告"}
_SORT_NAMES = {Sort.NEWEST: "最新发布", Sort.CHEAPEST: "价格从低到高", Sort.DEAREST: "价格从高到低"}
_KIND_NAMES = {ListingKind.OFFER.value: "出售", ListingKind.WANTED.value: "求购"}
_BOOK = re.compile(r"[《〈]([^《》〈〉]{1,40})[》〉]")
_TAG = re.compile(r"(?<![\w])#(\w{1,16})")
_NO_WORD = re.compile(r"\W+")
# Chinese marks end a piece; NFKC would make a decimal separator of the comma.
_MARKS = str.maketrans(dict.fromkeys(",，。；！？、“”‘’【】（）", " ") | {",": ","})


def understand(text: str) -> Understood:
    """What a sentence asks for. Takes any text of any length; what makes no sense is looked for as it stands."""
    literal = clean_words(text)
    reading = _Reading(
        clean_words(unicodedata.normalize("NFKC", clean_words(text, LONGEST).translate(_MARKS)), LONGEST)
    )
    reading.read()
    rest = pieces(reading.text)
    words = tuple(dict.fromkeys((*reading.quoted, *rest.words)))
    if rest.is_plain and not reading.chips and not reading.quoted and "的" not in literal:
        # 二手 says nothing here; else the words stay exactly as they were typed.
        stripped = " ".join(words)
        is_same = _NO_WORD.sub("", stripped) == _NO_WORD.sub("", unicodedata.normalize("NFKC", literal))
        return Understood(SearchQuery(words=literal if is_same or not stripped else clean_words(stripped)))
    if reading.query.section in _SECTION_NAMES:
        return reading.finish(words)
    if (rest.is_asking or reading.is_asking) and not reading.query.kind:
        reading.set("kind", _KIND_NAMES[ListingKind.OFFER], "", kind=ListingKind.OFFER.value)
    if reading.chips or not rest.is_plain:
        slug, noun, words = category(words) if not reading.quoted else ("", "", words)
        if slug:
            reading.set("category", f"分类：{category_name(slug)}", noun, category=slug)
    if not words and not reading.chips:
        return Understood(SearchQuery(words=literal))
    return reading.finish(words)


async def understand_with_model(text: str) -> Understood:
    """``understand``, better where a language model is set and answers within two seconds.

    A bare keyword needs no model. What it proposes is checked; in every doubt the parser's result stands.
    """
    parsed = understand(text)
    if not parsed.chips and len(parsed.query.words) <= _KEYWORD and " " not in parsed.query.words:
        return parsed
    sentence = clean_words(text, LONGEST)
    if sentence not in _proposals:
        query = await plain_model.propose(sentence)
        if query is None:
            return parsed
        while len(_proposals) >= _MOST_PROPOSALS:
            _proposals.pop(next(iter(_proposals)))
        _proposals[sentence] = query
    query = _proposals[sentence]
    return parsed if query == SearchQuery() else Understood(query, _chips(query))


def combined(asked: SearchQuery, understood: Understood) -> SearchQuery:
    """The search of an address whose words are a sentence: what the address says itself comes first."""
    said, empty = understood.query, SearchQuery()
    names = [each.name for each in fields(SearchQuery) if each.name not in {"words", "min_fen", "max_fen"}]
    chosen = {name: getattr(asked, name) for name in names if getattr(asked, name) != getattr(empty, name)}
    if asked.min_fen is not None or asked.max_fen is not None:
        chosen |= {"min_fen": asked.min_fen, "max_fen": asked.max_fen}
    return replace(said, **chosen)


def described(query: SearchQuery) -> str:
    """A search in a few Chinese words: ``山地车 · 200 元以内 · 九成新``."""
    tag = (f"#{query.tag}",) if query.tag else ()
    labels = (chip.label.partition("：")[2] or chip.label for chip in _chips(query))
    return " · ".join(filter(None, (query.words, *tag, *labels)))


def _chips(query: SearchQuery) -> tuple[Chip, ...]:
    """What a search says besides its words, where no piece of a sentence is known to have said it."""
    section = _SECTION_NAMES.get(Section(query.section)) if query.section else None
    bounds = Bounds(query.min_fen, query.max_fen)
    found = (
        ("section", f"版块：{section}" if section else ""),
        ("kind", _KIND_NAMES.get(query.kind, "")),
        ("category", f"分类：{category_name(query.category)}" if query.category else ""),
        ("price", "" if bounds == Bounds(None, None) else _price_label(bounds)),
        ("conditions", _condition_label(tuple(map(Condition, query.conditions)))),
        ("sort", "" if query.sort == Sort.NEWEST else _SORT_NAMES[Sort(query.sort)]),
    )
    return tuple(Chip(name, label) for name, label in found if label)


def without(understood: Understood, chip: Chip) -> Understood:
    """The same search after somebody took a chip away. What named a category becomes a word again."""
    empty = SearchQuery()
    names = ("min_fen", "max_fen") if chip.field == "price" else (chip.field,)
    query = replace(understood.query, **{name: getattr(empty, name) for name in names})
    if chip.field == "category" and chip.text.lower() not in query.words.lower():
        query = replace(query, words=clean_words(f"{query.words} {chip.text}"))
    return Understood(query, tuple(other for other in understood.chips if other != chip))


class _Reading:
    """A sentence while it is read: what is left of it, and what it said so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.query = SearchQuery()
        self.chips: list[Chip] = []
        self.quoted: tuple[str, ...] = ()
        self.is_asking = False

    def read(self) -> None:
        """Take away whatever is understood; the order matters, since 九成新 is no price and 0元 is none either."""
        self.quoted = tuple(match.strip() for match in _BOOK.findall(self.text))
        self.text = _BOOK.sub(" ", self.text)
        if match := self._take(_TAG):
            self.set("tag", f"标签：{match[1]}", match[0], tag=match[1])
        self._read_conditions()
        if match := self._take(_FREE):
            self.is_asking = match[0].startswith(("有", "谁", "求"))
            self.set("price", "免费", match[0], max_fen=0)
        self.text, bounds = take_price(self.text)
        if bounds and self.query.max_fen is None:
            self.set("price", _price_label(bounds), bounds.text, min_fen=bounds.least, max_fen=bounds.most)
        for pattern, sort in _SORTS:
            if match := self._take(pattern):
                self.set("sort", _SORT_NAMES[sort], match[0], sort=sort.value)
                break
        self._read_section()
        if not self.query.section and (match := self._take(WANTED)):
            self.set("kind", _KIND_NAMES[ListingKind.WANTED], match[0], kind=ListingKind.WANTED.value)

    def _read_section(self) -> None:
        for pattern, section in _SECTIONS:
            if match := self._take(pattern):
                self.set("section", f"版块：{_SECTION_NAMES[section]}", match[0], section=section.value)
                self.text = _OF_SECTIONS.sub(" ", self.text)
                return

    def _read_conditions(self) -> None:
        found: set[Condition] = set()
        said = []
        if match := self._take(_SPAN):
            found |= {_condition(10 * _tens(match["a"])), _condition(10 * _tens(match["b"]))}
            said.append(match[0])
        for pattern, conditions in _NAMED[:1]:
            while match := self._take(pattern):
                found |= set(conditions)
                said.append(match[0])
        while match := self._take(_SHARE):
            found |= set(_share(match))
            said.append(match[0])
        for pattern, conditions in _NAMED[1:]:
            while match := self._take(pattern):
                found |= set(conditions)
                said.append(match[0])
        if found:
            ordered = tuple(each for each in _ALL if each in found)
            values = tuple(each.value for each in ordered)
            self.set("conditions", _condition_label(ordered), " ".join(said), conditions=values)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.search(self.text)
        if match:
            self.text = f"{self.text[: match.start()]} {self.text[match.end() :]}"
        return match

    def set(self, field: str, label: str, text: str, **values: object) -> None:
        """Note what was understood, and from which words."""
        self.query = replace(self.query, **values)  # type: ignore[arg-type]  # each caller names its fields
        self.chips.append(Chip(field, label, text.strip()))

    def finish(self, words: tuple[str, ...]) -> Understood:
        """The search, with what remained as its words."""
        return Understood(replace(self.query, words=clean_words(" ".join(words))), tuple(self.chips))


def _tens(char: str) -> int:
    return int(char) if char.isdigit() else _TENS[char]


def _condition(percent: int) -> Condition:
    return next(condition for condition, least in zip(_ALL, _FROM, strict=True) if percent >= least)


def _share(match: re.Match[str]) -> tuple[Condition, ...]:
    """The conditions that 九成新, 95新, 8成以上 and the like name."""
    if match["two"]:
        *first, last = (10 * _TENS[char] for char in match["two"])
        percents = [*first, last + (_TENS[match["half"]] if match["half"] else 0)]
    elif match["tens"]:
        percents = [10 * int(match["tens"]) + int(match["tenth"] or 0)]
    elif match["percent"]:
        percents = [int(match["percent"])]
    else:
        percents = [10 * _TENS[match["han"][0]] + _TENS[match["han"][1]] if match["han"] else 100]
    found = {_condition(percent) for percent in percents}
    is_or_better = (
        match["least"] or match["better"] or match["up"] or match["up2"] or match["up3"] or match[0].endswith("以上")
    )
    worst = max(_ALL.index(each) for each in found)
    return _ALL[: worst + 1] if is_or_better else tuple(found)


def _condition_label(conditions: tuple[Condition, ...]) -> str:
    if len(conditions) > 1 and conditions == _ALL[: len(conditions)]:
        return f"{condition_name(conditions[-1])}以上"
    return "、".join(map(condition_name, conditions))


def _price_label(bounds: Bounds) -> str:
    if bounds.most == 0:
        return "免费"
    if bounds.least is None:
        return f"{yuan(bounds.most)} 元以内"
    return f"{yuan(bounds.least)} 元以上" if bounds.most is None else f"{yuan(bounds.least)}–{yuan(bounds.most)} 元"
