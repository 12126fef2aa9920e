"""Registration, login and the identity behind each event."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session, col, select

from xianyu.adapters import passwords
from xianyu.models import AuthSession, LoginTicket, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor, PersonView
from xianyu.schemas.events import SessionEnded
from xianyu.schemas.times import iso
from xianyu.services import ban_terms, names, password_rules, second_step, word_list
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.text import clean_line, has_control_characters
from xianyu.settings import get_settings

USERNAME_LENGTH = (2, 20)
PASSWORD_LENGTH = (8, 64)
# RFC 5321, 4.5.3.1.3, without the angle brackets.
EMAIL_LENGTH = 254
TICKET_LIFETIME = timedelta(seconds=60)
# A visit moves a session's expiry on, but writes to the database at most this often.
SEEN_INTERVAL = timedelta(minutes=10)
# However often it is used, a login ends at last (OWASP ASVS 5.0, 7.3.2).
LONGEST_LOGIN = timedelta(days=180)

# Letters, digits and _ of ASCII; Han with its extensions up to plane 3, 〇 and 々 included.
_USERNAME = re.compile(r"[0-9A-Za-z_\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")


class WrongCredentials(DomainError):
    """The name or the password is wrong; which of them is not told."""

    def __init__(self) -> None:
        super().__init__("用户名或密码不正确", "password")


class OperatorsOnly(DomainError):
    """Somebody who is no operator tried what only those may."""

    def __init__(self) -> None:
        super().__init__("只有管理员可以这样做")


class PersonNotFound(DomainError):
    """There is nobody with that id."""

    def __init__(self) -> None:
        super().__init__("没有找到这位邻居")


@dataclass(frozen=True)
class Registration:
    """A checked registration, its password hashed. Made by ``check_registration``."""

    username: str
    username_key: str
    email: str
    email_key: str
    password_hash: str


def fold_username(username: str) -> str:
    """The form of a username that is unique: width and case do not count."""
    return unicodedata.normalize("NFKC", username).casefold()


def fold_email(email: str) -> str:
    """The form of an address that is unique: case does not count."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def check_registration(username: str, email: str, password: str, confirmation: str) -> Registration:
    """Check the form and hash the password (slow: no transaction should be open meanwhile).

    Raises:
        InvalidForm: with a message for each refused field.
    """
    username = unicodedata.normalize("NFKC", username).strip()
    errors = {
        "username": username_error(username),
        "email": email_error(email.strip()),
        "password": password_error(password, username, email.strip()),
        "confirmation": "" if password == confirmation else "两次输入的密码不一致",
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return Registration(
        username=username,
        username_key=fold_username(username),
        email=email.strip(),
        email_key=fold_email(email),
        password_hash=passwords.hash_password(password),
    )


def username_error(username: str) -> str:
    """Why a username is refused, or an empty string."""
    shortest, longest = USERNAME_LENGTH
    if not username:
        return "请输入用户名"
    if not shortest <= len(username) <= longest:
        return f"用户名需要 {shortest} 到 {longest} 个字符"
    if not _USERNAME.fullmatch(username):
        return "用户名只能包含中文、字母、数字和下划线"
    return ""


def email_error(email: str) -> str:
    """Why an address is refused, or an empty string."""
    if not email:
        return "请输入邮箱"
    # Folding can make an address longer: one ß becomes two s.
    if len(fold_email(email)) > EMAIL_LENGTH or has_control_characters(email):
        return "邮箱格式不正确"
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return "邮箱格式不正确"
    return ""


def password_error(password: str, *names: str) -> str:
    """Why a new password is refused, or an empty string. Length is counted in characters.

    May ask a service on the network: no transaction should be open.

    Args:
        password: The password.
        names: What its owner is called: the username, the address.
    """
    shortest, longest = PASSWORD_LENGTH
    if not password:
        return "请输入密码"
    if not shortest <= len(password) <= longest:
        return f"密码需要 {shortest} 到 {longest} 个字符"
    if has_control_characters(password):
        return "密码不能包含控制字符"
    return password_rules.weakness(password, *names)


def register(session: Session, registration: Registration) -> int:
    """Create the account and return its id.

    Two people who register one name at the same moment meet in the unique constraint; the one who
    comes second is run again by the unit of work and finds the name taken here.

    Raises:
        InvalidForm: if the name or the address is taken, or a word of the operators' list is in the name.
    """
    taken: dict[str, str] = {}
    if word_list.matcher(session).find(registration.username):
        taken["username"] = "这个用户名不能使用，换一个试试"
    if session.exec(select(User.id).where(User.username_key == registration.username_key)).first():
        taken["username"] = "这个用户名已被使用，换一个试试"
    if session.exec(select(User.id).where(User.email_key == registration.email_key)).first():
        taken["email"] = "这个邮箱已注册，可以直接登录"
    if taken:
        raise InvalidForm(taken)
    user = User(**asdict(registration))
    session.add(user)
    session.flush()
    assert user.id is not None
    return user.id


def find_credentials(session: Session, login: str) -> tuple[int, str] | None:
    """The id and password hash behind a username or an e-mail address."""
    login = clean_line(login)
    # Nobody is called that, and PostgreSQL would not even take it as a value.
    if has_control_characters(login):
        return None
    row = session.exec(
        select(User.id, User.password_hash).where(
            sa.or_(col(User.username_key) == fold_username(login), col(User.email_key) == fold_email(login))
        )
    ).first()
    return None if row is None else (int(row[0] or 0), row[1])


def check_password(credentials: tuple[int, str] | None, password: str) -> int:
    """The id of the account that the password opens (slow: no transaction should be open).

    Raises:
        WrongCredentials: in every other case, after the same time.
    """
    user_id, password_hash = credentials or (0, None)
    if not passwords.verify_password(password, password_hash):
        raise WrongCredentials
    return user_id


def issue_ticket(session: Session, user_id: int, *factors: str) -> str:
    """A secret that one request may exchange for a login within a minute.

    It begins with ``factors``, what the person has shown; the hash is of all of it, so they cannot be changed.
    """
    now = utc_now()
    session.execute(sa.delete(LoginTicket).where(col(LoginTicket.expires_at) < now))
    ticket = ".".join([*factors, passwords.new_token()])
    session.add(
        LoginTicket(ticket_hash=passwords.token_hash(ticket), user_id=user_id, expires_at=now + TICKET_LIFETIME)
    )
    return ticket


def redeem_ticket(
    session: Session, ticket: str, old_token: str, user_agent: str, address: str = ""
) -> tuple[str, SessionEnded | None]:
    """Turn a ticket into a session; the browser's former session, if any, ends (rotation at login).

    Returns:
        The new session's token, and what became of the old one.

    Raises:
        LoginRequired: if the ticket is unknown, used or too old.
        Banned: if its owner was banned meanwhile.
    """
    hashed = passwords.token_hash(ticket)
    row = session.exec(select(LoginTicket).where(LoginTicket.ticket_hash == hashed)).first()
    # The row count of the deletion decides, so that two requests cannot both redeem it.
    deleted = session.execute(sa.delete(LoginTicket).where(col(LoginTicket.ticket_hash) == hashed))
    if row is None or getattr(deleted, "rowcount", 0) != 1 or row.expires_at < utc_now():
        raise LoginRequired
    ban_terms.refuse_banned(session, row.user_id)
    ended = end_session(session, old_token)
    now = utc_now()
    session.execute(sa.delete(AuthSession).where(col(AuthSession.expires_at) < now))
    token = passwords.new_token()
    session.add(
        AuthSession(
            token_hash=passwords.token_hash(token),
            user_id=row.user_id,
            user_agent=clean_line(user_agent)[:255],
            address=address[:45],
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(days=get_settings().session_days),
        )
    )
    return token, ended


def end_session(session: Session, token: str) -> SessionEnded | None:
    """Log one browser out. Unknown tokens are nobody's loss."""
    if not token:
        return None
    found = session.exec(select(AuthSession).where(AuthSession.token_hash == passwords.token_hash(token))).first()
    if found is None or found.id is None:
        return None
    # Of two tabs that log out at once, only one ends the session.
    deleted = session.execute(sa.delete(AuthSession).where(col(AuthSession.id) == found.id))
    return SessionEnded(found.user_id, found.id) if getattr(deleted, "rowcount", 0) == 1 else None


_ACTOR: sa.Select[*tuple[Any, ...]] = sa.select(
    col(User.id),
    col(User.role),
    col(AuthSession.id).label("session_id"),
    (col(User.totp_secret) != "").label("has_second_step"),
    col(User.created_at).label("joined_at"),
    *names.COLUMNS,
).join(AuthSession, col(AuthSession.user_id) == col(User.id))
_ACTOR = _ACTOR.where(col(AuthSession.expires_at) > sa.bindparam("now"), ~ban_terms.holds(sa.bindparam("now")))
_ACTOR_BY_TOKEN = _ACTOR.where(col(AuthSession.token_hash) == sa.bindparam("token_hash"))
_ACTOR_BY_SESSION = _ACTOR.where(col(AuthSession.id) == sa.bindparam("session_id"))


def _actor(row: sa.Row[Any] | None) -> Actor | None:
    if row is None:
        return None
    name = names.called(row)
    return Actor(
        user_id=row.id,
        username=row.username,
        role=row.role,
        session_id=row.session_id,
        name=name.text,
        avatar_url=name.avatar_url,
        has_second_step=bool(row.has_second_step),
        joined_at=row.joined_at,
    )


def resolve_actor(session: Session, token: str) -> Actor | None:
    """Who a session cookie belongs to, or nobody if it is unknown, ended or expired, or they are banned."""
    if not token:
        return None
    values = {"token_hash": passwords.token_hash(token), "now": utc_now()}
    # Every event begins with this; the connection alone costs half of what the session would.
    return _actor(session.connection().execute(_ACTOR_BY_TOKEN, values).first())


def actor_of_session(session: Session, session_id: int) -> Actor | None:
    """Who a login belongs to, for what the server does on behalf of an open tab."""
    values = {"session_id": session_id, "now": utc_now()}
    return _actor(session.connection().execute(_ACTOR_BY_SESSION, values).first())


@dataclass(frozen=True)
class Visit:
    """Who looks, if anybody known, and whether it is time to note that they were here."""

    actor: Actor | None
    is_due: bool


def visit(session: Session, actor: Actor | None) -> Visit:
    """The one who opens a page."""
    if actor is None:
        return Visit(None, is_due=False)
    login = session.get(AuthSession, actor.session_id)
    return Visit(actor, is_due=login is not None and login.seen_at < utc_now() - SEEN_INTERVAL)


def require(_session: Session, actor: Actor | None) -> Actor:
    """The actor, where there has to be one.

    Raises:
        LoginRequired: if nobody is logged in.
    """
    if actor is None:
        raise LoginRequired
    return actor


def require_operator(session: Session, actor: Actor | None) -> Actor:
    """The actor, where it has to be an operator, with a second step if operators must have one.

    Raises:
        LoginRequired: if nobody is logged in.
        OperatorsOnly: if they are no operator.
        SecondStepRequired: if they have to set it up first.
    """
    known = require(session, actor)
    if not known.is_operator:
        raise OperatorsOnly
    if second_step.must_enrol(known):
        raise second_step.SecondStepRequired
    return known


def note_visit(session: Session, actor: Actor, address: str = "") -> None:
    """Move the session's expiry on: a login lasts while it is used, but no longer than ``LONGEST_LOGIN``.

    Args:
        session: The unit of work.
        actor: Who visits.
        address: Where the visit comes from, if that is known.
    """
    now = utc_now()
    login = session.get(AuthSession, actor.session_id)
    if login is None:
        return
    session.execute(
        sa.update(AuthSession)
        .where(col(AuthSession.id) == actor.session_id, col(AuthSession.seen_at) < now - SEEN_INTERVAL)
        .values(
            seen_at=now,
            expires_at=min(now + timedelta(days=get_settings().session_days), login.created_at + LONGEST_LOGIN),
            **({"address": address[:45]} if address else {}),
        )
    )


def person(session: Session, user_id: int) -> PersonView:
    """A person's public side.

    Raises:
        PersonNotFound: if there is no such person.
    """
    user = session.get(User, user_id)
    if user is None or user.id is None:
        raise PersonNotFound
    name = names.called(user)
    if user.closed_at is not None:
        return PersonView(id=user.id, name=name.text)
    return PersonView(
        id=user.id,
        name=name.text,
        username=user.username,
        avatar_url=name.avatar_url,
        bio=user.bio,
        building=user.building,
        joined_at=iso(user.created_at),
    )


def profile(session: Session, _actor: Actor | None, user_id: int) -> PersonView:
    """A person's page, for whoever looks. Raises ``PersonNotFound``."""
    return person(session, user_id)
