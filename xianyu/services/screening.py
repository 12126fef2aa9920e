"""What people write, before it is stored: sensitive words masked, held back or refused, and advertisements held.

A service that stores a text of somebody's calls ``check`` with all of its fields first, stores what that gives
back in place of what was typed, and calls ``note`` once the thing has its number::

    screened = screening.check(session, actor, ReportTarget.REVIEW, {"text": form.text})
    review = Review(text=screened.fields["text"], status=HELD if screened.is_held else VISIBLE, …)
    session.add(review)
    session.flush()
    events = screening.note(session, screened, subject_id=review.id)

Masking happens here and once, so that readers can never be shown what is behind it. Operators read the text as
it was typed in the row that ``note`` adds; what is held waits in their queue, and ``held`` lets it through.

What is refused, or held where there is no thing yet that could be, ends the unit of work with a ``Stopped``.
Whoever ran that keeps what it carries by ``keep`` in another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import ReportTarget, Screening, ScreeningStatus, WordAction
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.times import iso
from xianyu.services import contact_spam, word_list
from xianyu.services.errors import InvalidForm
from xianyu.services.word_matching import Match, Matcher, mask
from xianyu.settings import get_settings

# What a person tells about themselves; the other kinds are those of ``ReportTarget``.
PROFILE = "profile"
# Why a text was caught.
WORD, CONTACT, FLOOD = "word", "contact", "flood"

REFUSAL = "含有不允许发布的内容，请修改后再试"
_LABELS = {
    "title": "标题",
    "description": "描述",
    "text": "内容",
    "tags": "标签",
    "place": "地点",
    "display_name": "昵称",
    "bio": "个人简介",
    "building": "楼栋",
}
_WORDS_LENGTH = 200
# How long a text is kept about which there is nothing to decide.
KEPT = timedelta(days=180)
# Between the words that were found; on the list there is no word with it.
COMMA = "、"
_SEVERITY = list(WordAction)


@dataclass(frozen=True)
class Caught:
    """Why a text was caught, as the operators' list keeps it. ``text`` is as it was typed.

    ``payload`` is JSON of at most 500 characters: what is needed to send a message once it is approved.
    """

    author_id: int
    kind: str
    action: WordAction
    reason: str
    words: str
    text: str
    payload: str = ""


@dataclass(frozen=True)
class Screened:
    """What is to be stored.

    ``fields`` are all that were checked, under the same names, with what is masked covered. ``is_held`` says
    that nobody but its author may see the thing until an operator has let it through. ``caught`` is nothing
    for nearly every text.
    """

    fields: Mapping[str, str]
    is_held: bool = False
    caught: Caught | None = field(default=None, repr=False)


class Stopped(InvalidForm):
    """A text is not stored, at least not now. What was caught is to be kept all the same."""

    def __init__(self, errors: dict[str, str], caught: Caught) -> None:
        super().__init__(errors)
        self.caught = caught


class Refused(Stopped):
    """A text holds what may not be written here."""


def check(
    session: Session,
    actor: Actor,
    kind: str,
    fields: Mapping[str, str],
    *,
    subject_id: int | None = None,
    can_hold: bool = True,
    is_flood: bool = False,
) -> Screened:
    """Screen the texts of one thing. Writes nothing, and takes microseconds where nothing is found.

    Args:
        session: The unit of work that stores the thing.
        actor: Who wrote them.
        kind: What it is or becomes: a ``ReportTarget`` or ``PROFILE``.
        fields: The texts as they were typed and cleaned, by the names of the form's fields. Of what has
            several, each is a field of its own: ``tags.0``, ``tags.1``. No word reaches from one to the next.
        subject_id: The thing's number, where it is there already: what operators let through as it stands
            is not held a second time.
        can_hold: Whether such a thing can wait for an operator; if not, what would be held is refused.
        is_flood: Whether this is one too many of somebody who is new, see ``flooding``.

    Raises:
        Refused: with a message at each field in which it was found.
    """
    matcher = word_list.matcher(session)
    words = {name: found for name, text in fields.items() if (found := matcher.find(text))}
    spam = _advertised(kind, fields)
    if not (words or spam or is_flood):
        return Screened(fields)
    matches = [match for found in words.values() for match in found]
    action = max((match.action for match in matches), key=_SEVERITY.index, default=WordAction.MASK)
    reason = WORD
    if action == WordAction.MASK and (spam or is_flood):
        action, reason = WordAction.HOLD, CONTACT if spam else FLOOD
    caught = Caught(actor.user_id, kind, action, reason, _listed([*matches, *spam]), _as_typed(fields))
    if action == WordAction.HOLD and not can_hold:
        caught = replace(caught, action=WordAction.REFUSE)
    if caught.action == WordAction.REFUSE:
        raise Refused(_errors(fields, words, action), caught)
    covered = {name: _covered(text, words.get(name, [])) for name, text in fields.items()}
    is_held = action == WordAction.HOLD and not _was_approved(session, caught, subject_id)
    return Screened(covered, is_held, caught if is_held or action == WordAction.MASK else None)


def _advertised(kind: str, fields: Mapping[str, str]) -> list[Match]:
    # The phrase may stand in the title and the number below.
    text = "\n".join(fields.values()) if len(fields) > 1 else next(iter(fields.values()))
    host = urlsplit(get_settings().public_url).hostname or ""
    return contact_spam.find(text, is_private=kind == ReportTarget.MESSAGE, own_host=host)


def _covered(text: str, matches: list[Match]) -> str:
    return mask(text, [match for match in matches if match.action == WordAction.MASK])


def _listed(matches: list[Match]) -> str:
    return COMMA.join(dict.fromkeys(match.word for match in matches))[:_WORDS_LENGTH]


def _as_typed(fields: Mapping[str, str]) -> str:
    """One text of all fields, with their labels where there are several."""
    if len(fields) == 1:
        return next(iter(fields.values()))
    return "\n".join(f"{_LABELS[_field_of(name)]}：{text}" for name, text in fields.items() if text)


def _field_of(name: str) -> str:
    return name.partition(".")[0]


def _errors(fields: Mapping[str, str], words: Mapping[str, list[Match]], action: WordAction) -> dict[str, str]:
    """A message at each field with a word of that action; at the first one, where it is the whole."""
    names = [name for name, found in words.items() if any(match.action == action for match in found)]
    return {_field_of(name): REFUSAL for name in names or [next(iter(fields))]}


def _was_approved(session: Session, caught: Caught, subject_id: int | None) -> bool:
    if subject_id is None:
        return False
    approved = sa.select(col(Screening.text)).where(
        col(Screening.subject_kind) == caught.kind,
        col(Screening.subject_id) == subject_id,
        col(Screening.status) == ScreeningStatus.APPROVED,
    )
    matcher = word_list.matcher(session)
    # What was masked then is no longer there.
    wanted = _covered(caught.text, matcher.find(caught.text))
    return any(_covered(text, matcher.find(text)) == wanted for text in session.execute(approved).scalars())


def note(session: Session, screened: Screened, *, subject_id: int | None = None) -> list[ModerationChanged]:
    """Keep what was caught of a thing that is stored, and settle what waited of it before.

    Args:
        session: The unit of work that stores the thing.
        screened: What ``check`` gave.
        subject_id: The thing's number.

    Returns:
        What to announce after the commit.
    """
    settled = settle(session, screened.caught.kind, subject_id) if screened.caught and subject_id else []
    return [*settled, *keep(session, screened.caught, subject_id)][-1:] if screened.caught else []


def settle(session: Session, kind: str, subject_id: int) -> list[ModerationChanged]:
    """There is nothing to decide about a thing any longer: it was changed, or is gone."""
    changed = session.execute(
        sa.update(Screening)
        .where(
            col(Screening.subject_kind) == kind,
            col(Screening.subject_id) == subject_id,
            col(Screening.status) == ScreeningStatus.WAITING,
        )
        .values(status=ScreeningStatus.NOTED)
    )
    return [ModerationChanged()] if getattr(changed, "rowcount", 0) else []


def keep(session: Session, caught: Caught, subject_id: int | None = None) -> list[ModerationChanged]:
    """Keep what was caught; the same message twice is kept once. Returns what to announce after the commit."""
    if subject_id is None and caught.payload and _is_kept(session, caught):
        return []
    is_waiting = caught.action == WordAction.HOLD
    session.add(
        Screening(
            author_id=caught.author_id,
            subject_kind=caught.kind,
            subject_id=subject_id,
            action=caught.action,
            reason=caught.reason,
            words=caught.words,
            text=caught.text,
            payload=caught.payload,
            status=ScreeningStatus.WAITING if is_waiting else ScreeningStatus.NOTED,
        )
    )
    session.flush()
    return [ModerationChanged()]


def _is_kept(session: Session, caught: Caught) -> bool:
    same = sa.select(col(Screening.id)).where(
        col(Screening.author_id) == caught.author_id, col(Screening.payload) == caught.payload
    )
    return session.execute(same.limit(1)).first() is not None


def of_person(session: Session, user_id: int) -> list[dict[str, str]]:
    """What an archive of one person's data holds of texts that were masked, held or refused."""
    rows = session.exec(select(Screening).where(Screening.author_id == user_id).order_by(col(Screening.id)))
    return [
        {
            "kind": row.subject_kind,
            "text": row.text,
            "action": row.action,
            "status": row.status,
            "at": iso(row.created_at),
        }
        for row in rows
    ]


def tidy(session: Session, now: datetime | None = None) -> None:
    """Forget what was masked or refused so long ago that nobody will look it up."""
    before = (now or utc_now()) - KEPT
    session.execute(
        sa.delete(Screening).where(col(Screening.status) == ScreeningStatus.NOTED, col(Screening.created_at) < before)
    )


def as_sent(session: Session, text: str) -> str:
    """A text that was held, as it is stored once it is approved: what is to be masked is."""
    return _covered(text, word_list.matcher(session).find(text))


def finder(words: str) -> Matcher:
    """What finds again, for an operator to see, the words that a row names."""
    return Matcher((word, WordAction.HOLD) for word in words.split(COMMA))
