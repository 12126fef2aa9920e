"""The words of plain Chinese: what in a sentence is only politeness, and which category a thing belongs to."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xianyu.services.categories import Catalog, find, group_of, present

_SOURCE = Path(__file__).resolve().parents[1] / "data" / "category_words.toml"


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# What people ------------------------------------------------------------------------------------------

# Measure words, and what each must not be the beginning of: 想买台灯.
_MEASURE = (
    r"(?:个(?![人性])|台(?![灯式历球布秤阶面])|辆|把(?!手|杆)|张(?!力)|件(?!套)|双(?![肩人层面门开头色拼卡系筒])|套(?![装件圈头])"
    r"|本(?!子|草)|部(?!件)|只|条(?![纹幅凳])|架(?!子)|盏|款|支(?!架)|副(?!食|刊)|块|箱(?!包|子)|幅|盆(?!栽|景|子)|瓶(?!子)|点儿?)"
)
_MEASURED = rf"(?:[一两几12]{_MEASURE}|[一两]些)"
_PEOPLE = r"(?:小区|楼里|附近|这里|咱们?|大家|群)?(?:里|有)?"

# 谁收旧手机: somebody has the thing and asks who looks for it.
WANTED = _compiled(
    rf"求购(?:的)?(?:帖子|帖|贴子?|信息|需求|列表|清单)"
    rf"|{_PEOPLE}(?:有没有(?:人|邻居)|有无人|有人|谁家?|哪位)(?:在|想)?(?:要|收|买|求购|需要|想要|缺)(?![出卖转送]|不要)"
)
# 谁有婴儿推车: somebody looks for the thing.
_ASKING = (
    rf"(?:请问)?{_PEOPLE}(?:有没有|有无|有人|谁家?|哪位|哪里|哪儿|哪家)(?:邻居|人|朋友|小伙伴|大佬|同学)?(?:想|要|在|能|可以|还)?(?:有|出|卖|买到|转让?)?"
    rf"(?:闲置|多余)?(?:的|{_MEASURED})?"
)
OFFERED = _compiled(_ASKING)
_SEEKING = (
    r"(?:想要|想买|想收|想求|想找|想入手?|我要买|我要(?![出卖转])|我想(?![出卖转])|要买|买(?!菜)|求收|求推荐|求助|求(?![生婚真职索偿学医租])|收(?![纳音藏银割据件腰缩集款])"
    r"|推荐|淘(?![宝气米])|换(?=[个台辆])|帮我找|帮忙找|找(?![平零])|需要|急需|蹲(?![便厕坑])|来|想(?![出卖转]))"
)
_SEEK = _compiled(rf"(?:急)?{_SEEKING}(?:一下)?(?:二手|闲置)?的?(?:{_MEASURED}|{_MEASURE})?(?:二手|闲置)?的?(?!$)")
GIFT = _compiled(
    r"(?:想|我)?(?:给|帮)(?P<who>(?!我[买找求收])[\u4e00-\u9fff]{1,4}?)(?:买|找|求|收)"
    rf"(?:{_MEASURED}|{_MEASURE})?"
)
# 给老人用的手机 is for somebody, too, but may as well be what a seller writes.
_FOR = _compiled(r"给(?P<who>[\u4e00-\u9fff]{1,4}?)[用骑穿玩看睡坐](?=的)")
# 有自行车吗
_HAVE = _compiled(r"有(?!线|机|声|氧|色|绳)(.+?)(?:吗|么|嘛|没有?)$")
# What does not restrict: 求购 is what the site calls a wanted listing, and what people who look for things write.
_LOOKING = _compiled(rf"(?:求购|想求购)(?:{_MEASURED}|{_MEASURE})?的?")
# What the query has no place for: left out rather than taken the other way round.
_REFUSED = _compiled(r"(?:不要|不收|拒绝|不是|除了)[^\s的]{1,8}的")
_VOID = _compiled(
    r"(?:价格|价钱)?(?:面议|可议价?|可刀|可小刀|好商量|好说|可谈|不限|无所谓)"
    r"|(?:新旧|成色|品牌|牌子|型号|颜色)(?:不限|无所谓|不重要|都可以|都行)|旧(?:一?点)?(?:的)?(?:也行|没关系|无所谓|也可以)"
    r"|(?:家里|家中)?(?:不用|用不上|用不着|多余)的|(?:低价|便宜|诚信?)(?:转让|出售|[出转卖])|转让|出售|甩卖|(?:能用|能骑|能看|能穿)就行|(?:能|可以)买到?(?:什么|哪些)?(?:样的)?|在线等|谢谢(?:大家|各位|了|啦)?|感谢|大家好|各位(?:邻居|大佬)?(?:好)?|邻居们(?:好)?|您好|你好|跪求|诚心"
)
_LEAD = _compiled(
    r"(?:请问(?:一下)?|有没有|就是|那种|这种|最好(?:是|要|能)?|必须|一定要|尽量|希望(?:是|能)?|急|的|和|跟|或者?|也|要(?!诀)"
    r"|是|本人|二手(?!书)|闲置|旧(?!书)|出售|出租?(?![口行版差租国生演海道])|转让|转(?![椅换接轮盘])|低价|诚|看看|看(?=[\u4e00-\u9fff]{2})(?![护板盘家])|我?[要想][出卖转]|大概|价格?(?:在|是)?$|有$"
    rf"|{_MEASURED})"
)
_TAIL = _compiled(
    r"(?:有吗|有没有|有么|的|吗|(?<!什)么|呢|吧|呀|啊|哦|哈|嘛|出售|转让|(?<![外拍专])卖|(?<![要追需征请])求|(?<![演外突付杰支日进输])出"
    r"|也?可以(?:吗)?|(?:也|都|就)行|就好|即可|最好|优先|急用|急|之类|什么的|一下|价格?|包邮|自提|(?<![家商专日食厨通公费信作利使实好])用)$"
)
_ASKED = {"有吗", "有没有", "有么"}
# Alone these say nothing of a sentence: whoever types 二手自行车 types words.
_QUIET = _compiled(r"(?:二手|闲置|旧|的|\s)+")
_SPLIT = re.compile(r"[^\w.+\-/#&'×*°%]+|(?<![美目我你他她])的(?![士确])|(?<=\w)(?:或者|还是|以及)(?=\w)")


@dataclass(frozen=True)
class Pieces:
    """What remains of a sentence. ``is_asking``: somebody looks for it. ``is_plain``: it was no more than words."""

    words: tuple[str, ...]
    is_asking: bool
    is_plain: bool


def pieces(sentence: str) -> Pieces:
    """Take a sentence apart into the words that name what is looked for."""
    whole = sentence
    is_asking = False
    sentence = _FOR.sub(lambda match: f" {match['who']} ", sentence)
    for pattern in (_VOID, _REFUSED, _LOOKING):
        sentence = pattern.sub(" ", sentence)
    for pattern in (GIFT, OFFERED):
        sentence, count = pattern.subn(lambda match: f" {match.groupdict().get('who') or ''} ", sentence)
        is_asking |= count > 0
    found, loud = [], sentence != whole
    for part in filter(None, _SPLIT.split(sentence)):
        word, asks, is_loud = _bare(part.strip("-./&'*#"))
        is_asking |= asks
        loud |= is_loud
        if word:
            found.append(word)
    return Pieces(tuple(dict.fromkeys(found)), is_asking, is_plain=not loud and not is_asking)


def _bare(part: str) -> tuple[str, bool, bool]:
    """A piece without what surrounds its noun, whether somebody asks for it, and whether that says more than words."""
    is_asking = loud = False
    if match := _HAVE.fullmatch(part):
        part, is_asking = match[1], True
    while part:
        if match := _SEEK.match(part):
            is_asking = True
        elif not (match := _LEAD.match(part)):
            break
        loud |= not _QUIET.fullmatch(match[0])
        part = part[match.end() :]
    while part and (match := _TAIL.search(part)):
        is_asking |= match[0] in _ASKED
        loud |= not _QUIET.fullmatch(match[0])
        part = part[: match.start()]
    return part.strip("-./&'*"), is_asking, loud


# Things -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Nouns:
    """What a noun's category is, whether it says the same as that category, and what is only part of a thing."""

    slugs: dict[str, str]
    names: frozenset[str]
    parts: tuple[str, ...]
    longest: int


# 自行车 带车筐 is a bicycle all the same.
_WITH = re.compile("[带有送配含]")


def _nouns() -> _Nouns:
    return _nouns_of(present())


@lru_cache(maxsize=1)
def _nouns_of(catalog: Catalog) -> _Nouns:
    """The nouns of the data file, and as further ones what operators call the categories that they added."""
    known = _known_nouns()
    added = {
        name.lower(): each.slug
        for each in catalog.by_slug.values()
        for name in each.name.split("/")
        if each.is_added and name and name.lower() not in known.slugs
    }
    slugs = known.slugs | added
    return _Nouns(slugs, known.names | frozenset(added), known.parts, max(map(len, slugs)))


@lru_cache(maxsize=1)
def _known_nouns() -> _Nouns:
    content = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))
    parts = tuple(content.pop("parts"))
    slugs: dict[str, str] = {}
    names = set()
    for slug, row in content.items():
        assert find(slug) is not None, slug
        for word in (*row.get("names", ()), *row.get("things", ())):
            # What two categories hold is sure of neither.
            slugs[word.lower()] = slug if word.lower() not in slugs else ""
        names |= {word.lower() for word in row.get("names", ())}
    return _Nouns(slugs, frozenset(names), parts, max(map(len, slugs)))


_SIZE = re.compile(r"(?<=[\u4e00-\u9fff])\d.*")


def _noun(word: str) -> str:
    """The longest known noun that ends a word, folded; empty if there is none."""
    # 空调1.5匹 is a 空调.
    for text in (word.lower(), _SIZE.sub("", word.lower())):
        if noun := _ending(text):
            return noun
    return ""


def _ending(word: str) -> str:
    for length in range(min(len(word), _nouns().longest), 0, -1):
        noun = word[-length:]
        before = word[-length - 1 : -length]
        if noun in _nouns().slugs and not (noun[0].isascii() and before.isascii() and before.isalnum()):
            return noun
    return ""


def category(words: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    """The category that words speak of, if that is sure, the noun that says so, and the words that remain.

    Nouns of several categories of one group give the group; of several groups, nothing. A noun that is
    the category's own name is no longer among the words.
    """
    known = {word: noun for word in words if (noun := _noun(word))}
    slugs = {_nouns().slugs[noun] for noun in known.values()}
    if (
        not slugs
        or "" in slugs
        or any(word.endswith(_nouns().parts) for word in words if word not in known and not _WITH.match(word))
    ):
        return "", "", words
    if len(slugs) > 1:
        slugs = {group_of(slug) for slug in slugs}
        # 键盘 显示器 are two things: both words stay.
        return (slugs.pop(), " ".join(known), words) if len(slugs) == 1 else ("", "", words)
    noun = next(iter(known.values()))
    slug = slugs.pop()
    rest = tuple(filter(None, (_without_name(word, known.get(word, "")) for word in words)))
    return slug, noun, rest


def _without_name(word: str, noun: str) -> str:
    if noun not in _nouns().names:
        return word
    before, _, after = word.lower().rpartition(noun)
    return _bare(word[: len(before)])[0] + (f" {after}" if before else after)
