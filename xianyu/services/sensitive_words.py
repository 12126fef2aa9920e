"""The operators' list of sensitive words: adding, changing, removing, looking through and trying out."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import SensitiveWord, WordAction
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.moderation import TryOut, WordPage, WordView
from xianyu.schemas.times import iso
from xianyu.services import operator_log, screening, word_list
from xianyu.services.accounts import require_operator
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.text import clean_line, has_control_characters
from xianyu.services.word_folding import fold
from xianyu.services.word_matching import marked, mask

PAGE_SIZE = 50
# Words that are added at once, one a line.
MOST_AT_ONCE = 500
# Characters of a word, of its folded form, and of a text that is tried out.
LENGTH = 40
_LONGEST_KEY = 80
LONGEST_TRIAL = 2000
LONGEST_SEARCH = 40

ACTIONS: dict[str, str] = {
    WordAction.MASK: "遮盖",
    WordAction.HOLD: "送审",
    WordAction.REFUSE: "拒绝",
}
_VERDICTS: dict[str, str] = {
    "": "没有找到敏感词，会原样发布。",
    WordAction.MASK: "会发布，敏感词被遮盖。",
    WordAction.HOLD: "会先送审，管理员通过后才发布。",
    WordAction.REFUSE: "会被拒绝，发布者要修改后再试。",
}


class WordNotFound(DomainError):
    """There is no such word on the list, or not any more."""

    def __init__(self) -> None:
        super().__init__("这个敏感词不在列表里，可能刚被删除")


class WrongAction(DomainError):
    """What is to become of a text is none of the three."""

    def __init__(self) -> None:
        super().__init__("请选择处理方式", "action")


def check(typed: object, action: object) -> tuple[dict[str, str], WordAction]:
    """Check the form: one word a line.

    Returns:
        The words by their folded forms, each once, and what becomes of a text with one.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    lines = [clean_line(line) for line in (typed if isinstance(typed, str) else "").splitlines()]
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line]
    errors = {"words": _words_error(numbered), "action": "" if _is_action(action) else WrongAction().message}
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    words: dict[str, str] = {}
    for _, line in numbered:
        words.setdefault(fold(line), line)
    return words, WordAction(str(action))


def _is_action(value: object) -> bool:
    return isinstance(value, str) and value in ACTIONS


def _words_error(lines: list[tuple[int, str]]) -> str:
    if not lines:
        return "请填写敏感词，一行一个"
    if len(lines) > MOST_AT_ONCE:
        return f"一次最多添加 {MOST_AT_ONCE} 个，现在是 {len(lines)} 个"
    return next((f"第 {number} 行{error}" for number, line in lines if (error := _word_error(line))), "")


def _word_error(word: str) -> str:
    if len(word) > LENGTH:
        return f"太长，一个敏感词最多 {LENGTH} 个字"
    if has_control_characters(word):
        return "有无法显示的字符"
    if screening.COMMA in word:
        return f"里有“{screening.COMMA}”，请一行写一个"
    key = fold(word)
    if not key:
        return "没有文字，标点和符号在查找时会被忽略"
    if key.isascii() and len(key) == 1:
        return "只有一个字母或数字，会误伤很多内容"
    return "太长" if len(key) > _LONGEST_KEY else ""


def add(
    session: Session, actor: Actor, words: dict[str, str], action: WordAction
) -> tuple[int, list[ModerationChanged]]:
    """Put checked words on the list. Those that are on it, spelled however, stay as they are.

    Returns:
        How many are new, and what to announce after the commit.

    Raises:
        OperatorsOnly: if the actor is none.
    """
    require_operator(session, actor)
    known = session.execute(sa.select(col(SensitiveWord.word_key)).where(col(SensitiveWord.word_key).in_(list(words))))
    there = set(known.scalars())
    new = [(key, word) for key, word in words.items() if key not in there]
    if not new:
        return 0, []
    # What was written first stands first on a page of the latest.
    for key, word in reversed(new):
        session.add(SensitiveWord(word=word, word_key=key, action=action))
        session.flush()
    spelled = [word for _, word in new]
    operator_log.record(
        session,
        actor,
        "word.add",
        target_kind="word",
        target_name=spelled[0] if len(spelled) == 1 else f"{spelled[0]} 等 {len(spelled)} 个",
        detail=f"{ACTIONS[action]}：{screening.COMMA.join(spelled)}",
    )
    return len(new), _changed()


def set_action(session: Session, actor: Actor, word_id: int, action: object) -> list[ModerationChanged]:
    """Have something else become of texts with a word.

    Raises:
        OperatorsOnly: if the actor is none.
        WordNotFound: if it is not on the list.
        WrongAction: if it is none of the three.
    """
    row = _row(session, actor, word_id)
    if not _is_action(action):
        raise WrongAction
    if row.action == action:
        return []
    before, row.action, row.updated_at = row.action, str(action), utc_now()
    session.flush()
    detail = f"{ACTIONS[before]} → {ACTIONS[row.action]}"
    operator_log.record(
        session, actor, "word.change", target_kind="word", target_id=word_id, target_name=row.word, detail=detail
    )
    return _changed()


def remove(session: Session, actor: Actor, word_id: int) -> list[ModerationChanged]:
    """Take a word off the list. What it did to texts until now stays. Raises as ``set_action`` does."""
    row = _row(session, actor, word_id)
    session.delete(row)
    session.flush()
    detail = ACTIONS[row.action]
    operator_log.record(
        session, actor, "word.remove", target_kind="word", target_id=word_id, target_name=row.word, detail=detail
    )
    return _changed()


def _row(session: Session, actor: Actor, word_id: int) -> SensitiveWord:
    require_operator(session, actor)
    row = session.get(SensitiveWord, word_id, with_for_update=True) if is_id(word_id) else None
    if row is None:
        raise WordNotFound
    return row


def _changed() -> list[ModerationChanged]:
    word_list.expire()
    return [ModerationChanged()]


def page(
    session: Session, actor: Actor, sought: str = "", action: str = "", after: int = 0, limit: int = PAGE_SIZE
) -> WordPage:
    """The list, the latest first.

    Args:
        session: The unit of work.
        actor: An operator.
        sought: What the words are to hold, spelled in any way; empty for all.
        action: A ``WordAction``, or empty for all.
        after: The number of the last word that is known already.
        limit: How many, at most.

    Raises:
        OperatorsOnly: if the actor is none.
    """
    require_operator(session, actor)
    conditions: list[sa.ColumnElement[bool]] = [col(SensitiveWord.action) == action] if action in ACTIONS else []
    key = fold(sought[:LONGEST_SEARCH])
    if sought:
        # Signs alone are in no word.
        conditions.append(col(SensitiveWord.word_key).contains(key, autoescape=True) if key else sa.false())
    total = session.execute(sa.select(sa.func.count()).select_from(SensitiveWord).where(*conditions)).scalar_one()
    older = [col(SensitiveWord.id) < after] if is_id(after) else []
    statement = select(SensitiveWord).where(*conditions, *older).order_by(col(SensitiveWord.id).desc())
    # One more than is shown tells whether there are more.
    rows = session.exec(statement.limit(limit + 1)).all()
    shown = [WordView(int(row.id or 0), row.word, row.action, iso(row.updated_at)) for row in rows[:limit]]
    return WordPage(shown, int(total), shown[-1].id if len(rows) > limit else 0)


def try_out(session: Session, actor: Actor, typed: object) -> TryOut:
    """What would become of a text, by the words alone. Raises ``OperatorsOnly`` if the actor is none."""
    require_operator(session, actor)
    text = typed[:LONGEST_TRIAL].encode(errors="ignore").decode() if isinstance(typed, str) else ""
    if not text.strip():
        return TryOut()
    found = word_list.matcher(session).find(text)
    strictest = max((match.action for match in found), key=list(WordAction).index, default="")
    covered = mask(text, [match for match in found if match.action == WordAction.MASK])
    shown = "" if strictest == WordAction.REFUSE else covered
    return TryOut(marked(text, found), shown, _VERDICTS[strictest])
