"""Free tags: what may be one, those of a listing, and what is suggested while somebody types."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import ListingTag, Tag
from xianyu.schemas.accounts import Actor
from xianyu.services import word_list
from xianyu.services.pinyin import spelling
from xianyu.services.search_words import fold
from xianyu.services.text import clean_line, has_control_characters, is_blank

MAX_TAGS = 8
# Characters.
LENGTH = 10
SUGGESTIONS = 8
_LONGEST_KEY = 32
_LONGEST_PINYIN = 128
# A tag that somebody looks for is not longer than one that may be set.
_LONGEST_PREFIX = 32


def clean(name: str) -> str:
    """A tag as it is kept: one line without the sign that some people set before it."""
    return clean_line(name.lstrip("#＃ \u3000"))


def check(values: Sequence[object]) -> tuple[tuple[str, ...], str]:
    """Check tags as a browser sent them: those to keep, each once, and why they are refused, or nothing."""
    # Cleaning what nobody can have typed would be work for nothing.
    if len(values) > 10 * MAX_TAGS:
        return (), f"最多 {MAX_TAGS} 个标签，现在是 {len(values)} 个"
    names: dict[str, str] = {}
    for value in values:
        if not isinstance(value, str) or len(value) > 10 * LENGTH or has_control_characters(value):
            return (), "有标签无法使用，请移除后重新添加"
        name = clean(value)
        if is_blank(name):
            continue
        if len(name) > LENGTH or len(fold(name)) > _LONGEST_KEY:
            return (), f"标签“{name[:LENGTH]}…”太长，每个最多 {LENGTH} 个字"
        names.setdefault(fold(name), name)
    if len(names) > MAX_TAGS:
        return (), f"最多 {MAX_TAGS} 个标签，现在是 {len(names)} 个"
    return tuple(names.values()), ""


def put(session: Session, listing_id: int, names: Iterable[str]) -> None:
    """Give a listing exactly these tags, in this order, and count them anew. The caller holds its row."""
    wanted = {fold(name): name for name in names}
    old = {row.name_key for row in session.execute(_rows([listing_id]))}
    session.execute(sa.delete(ListingTag).where(col(ListingTag.listing_id) == listing_id))
    session.add_all(
        ListingTag(listing_id=listing_id, position=position, name=name, name_key=key)
        for position, (key, name) in enumerate(wanted.items())
    )
    session.flush()
    # In one order for everyone, so that two who share tags wait for each other in one direction.
    for key in sorted(wanted.keys() ^ old):
        if key in old:
            _count(session, key, -1)
        elif not _count(session, key, 1):
            session.execute(sa.insert(Tag).values(_new(key, wanted[key])))


def _count(session: Session, key: str, step: int) -> bool:
    counted = session.execute(sa.update(Tag).where(col(Tag.name_key) == key).values(uses=Tag.uses + step))
    return getattr(counted, "rowcount", 0) == 1


def _new(key: str, name: str) -> dict[str, str | int]:
    pinyin, initials = spelling(key)
    return {"name_key": key, "name": name, "pinyin": pinyin[:_LONGEST_PINYIN], "initials": initials, "uses": 1}


def of(session: Session, listing_id: int) -> list[str]:
    """A listing's tags, in order."""
    return [row.name for row in session.execute(_rows([listing_id]))]


def _rows(listing_ids: Collection[int]) -> sa.Select[str, str]:
    return (
        sa.select(col(ListingTag.name), col(ListingTag.name_key))
        .where(col(ListingTag.listing_id).in_(listing_ids))
        .order_by(col(ListingTag.listing_id), col(ListingTag.position))
    )


def suggest(session: Session, _actor: Actor | None, typed: str) -> list[str]:
    """Tags in use that begin with what was typed, or sound so; the most used first. Takes any text."""
    prefix = fold(typed[:_LONGEST_PREFIX])
    if not prefix or has_control_characters(prefix):
        return []
    begins = [col(Tag.name_key).startswith(prefix, autoescape=True)]
    # Input methods send the letters apart: "zi xing'che".
    letters = prefix.replace(" ", "").replace("'", "")
    if letters.isascii() and letters.isalnum():
        begins += [col(Tag.pinyin).startswith(letters), col(Tag.initials).startswith(letters)]
    found = session.execute(
        sa.select(col(Tag.name))
        .where(col(Tag.uses) > 0, sa.or_(*begins))
        .order_by(col(Tag.uses).desc(), col(Tag.name_key))
        .limit(SUGGESTIONS)
    )
    # Those of held listings are counted as well, and a word may have come onto the operators' list since.
    words = word_list.matcher(session)
    return [name for name in found.scalars() if not words.find(name)]
