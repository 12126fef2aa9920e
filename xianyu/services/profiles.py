"""What a person tells about themselves, and what they want to be told."""

import unicodedata

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import User
from xianyu.schemas.accounts import Actor, ProfileForm, ProfileView
from xianyu.schemas.events import PresenceChanged, ProfileChanged
from xianyu.services import screening
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.names import CLOSED, avatar_url
from xianyu.services.text import clean_line, clean_lines, has_control_characters, is_blank

# In characters, as the columns are.
NAME_LENGTH = 20
BIO_LENGTH = 200
BUILDING_LENGTH = 40


def check_profile(display_name: object, bio: object, building: object) -> ProfileForm:
    """Clean up and check the form. An empty display name means the username.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    form = ProfileForm(
        display_name=clean_line(_text(display_name)),
        bio=clean_lines(_text(bio)),
        building=clean_line(_text(building)),
    )
    errors = {
        "display_name": _name_error(form.display_name),
        "bio": _text_error(form.bio, "个人简介", BIO_LENGTH),
        "building": _text_error(form.building, "楼栋", BUILDING_LENGTH),
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return form


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _name_error(name: str) -> str:
    # What those are called who left must not be worn by anybody who stays.
    if unicodedata.normalize("NFKC", name) == CLOSED:
        return "这个名字不能使用，换一个试试"
    if name and is_blank(name):
        return "昵称不能只有空白"
    return _text_error(name, "昵称", NAME_LENGTH)


def _text_error(text: str, label: str, longest: int) -> str:
    if len(text) > longest:
        return f"{label}最多 {longest} 个字"
    return f"{label}不能包含控制字符" if has_control_characters(text) else ""


def own(session: Session, actor: Actor) -> ProfileView:
    """What the actor's settings start with."""
    user = _user(session, actor)
    return ProfileView(
        username=user.username,
        display_name=user.display_name,
        bio=user.bio,
        building=user.building,
        avatar_url=avatar_url(user.avatar),
        wants_mail=user.mail_about_messages,
        shows_presence=user.shows_presence,
    )


def _user(session: Session, actor: Actor) -> User:
    user = session.exec(select(User).where(User.id == actor.user_id, col(User.closed_at).is_(None))).first()
    if user is None:
        raise LoginRequired
    return user


def save(session: Session, actor: Actor, form: ProfileForm) -> ProfileChanged:
    """Take over a checked form.

    Raises:
        InvalidForm: if it says what may not be said, or only after somebody looked at it.
    """
    fields = {"display_name": form.display_name, "bio": form.bio, "building": form.building}
    found = screening.check(session, actor, screening.PROFILE, fields, can_hold=False)
    _update(session, actor, **found.fields)
    screening.note(session, found, subject_id=actor.user_id)
    return ProfileChanged(actor.user_id)


def set_avatar(session: Session, actor: Actor, name: str) -> tuple[ProfileChanged, str]:
    """Make a stored picture the actor's avatar, or remove it with an empty name.

    Returns:
        What happened, and the name of the picture that it was before, or an empty string. That one's
        file may go after the commit.
    """
    # Locked, so that of two changes at once each knows which picture it replaced.
    statement = sa.select(col(User.avatar)).where(col(User.id) == actor.user_id).with_for_update()
    former = session.execute(statement).scalar_one()
    _update(session, actor, avatar=name)
    return ProfileChanged(actor.user_id), str(former)


def set_wants_mail(session: Session, actor: Actor, wants_mail: bool) -> None:
    """Say whether an e-mail may tell of messages that were missed."""
    _update(session, actor, mail_about_messages=wants_mail is True)


def set_shows_presence(session: Session, actor: Actor, shows_presence: bool) -> PresenceChanged:
    """Say whether others see that the actor is online; who hides that does not see it of others, either."""
    _update(session, actor, shows_presence=shows_presence is True)
    return PresenceChanged(actor.user_id, by_choice=True)


def _update(session: Session, actor: Actor, **values: str | bool) -> None:
    session.execute(
        sa.update(User).where(col(User.id) == actor.user_id, col(User.closed_at).is_(None)).values(**values)
    )
