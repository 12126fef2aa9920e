"""Logging in through a third party: begun here, proven there, and finished here again.

A row of ``ExternalLogin`` passes through three stages, told apart by what is filled in. An *intent*
names who wants to link an identity. A login *under way* has a nonce and waits for its person to come
back. A *pending* one has a subject and waits for a choice: a username, a password, or a code.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters import passwords
from xianyu.adapters.providers import label_of
from xianyu.models import ExternalIdentity, ExternalLogin, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import ExternalPerson, Handshake, LoginUnderWay, Outcome, PendingView, Step
from xianyu.services import accounts, ban_terms, logins, newcomers, second_step
from xianyu.services.errors import DomainError
from xianyu.services.text import clean_line, has_control_characters

# How long a person may be away at the third party, and think about a username afterwards.
AWAY = timedelta(minutes=10)
PENDING = timedelta(minutes=30)
# In characters, as the columns are. The least is OpenID Connect Core 1.0, 2: at most 255 ASCII characters.
LONGEST_SUBJECT = 255
LONGEST_NAME = 100
LONGEST_PATH = 500


class LoginLapsed(DomainError):
    """The login was never begun in this browser, was finished already, or took too long."""

    def __init__(self) -> None:
        super().__init__("登录已失效或已经用过，请重新开始")


class UnusableIdentity(DomainError):
    """The third party names a person in a way that cannot be told apart from others."""

    def __init__(self) -> None:
        super().__init__("无法确认你的身份，请重新登录")


class IdentityTaken(DomainError):
    """The account at the third party opens another account here."""

    def __init__(self) -> None:
        super().__init__("这个账号已绑定到其他用户，请先在那边解绑")


def intend_to_link(session: Session, actor: Actor, provider: str) -> str:
    """Note that the actor themself asked to link an identity, and return a secret that proves it once.

    The caller has checked what ``proof.demand`` wants.

    Without it a link on a foreign page could tie that page's identity to whoever follows it.
    """
    secret = passwords.new_token()
    _store(session, secret, AWAY, provider=provider, user_id=actor.user_id)
    return secret


def begin(
    session: Session, actor: Actor | None, provider: str, handshake: Handshake, next_path: str, intent: str = ""
) -> None:
    """Remember a login whose person now leaves for the third party.

    Args:
        session: The unit of work.
        actor: Who is logged in already, if anybody.
        provider: The third party's name.
        handshake: What the browser takes along.
        next_path: Where it goes on afterwards.
        intent: What ``intend_to_link`` returned, to link and not to log in.

    Raises:
        LoginLapsed: if the intent is not the actor's, of another provider, or used.
    """
    session.execute(sa.delete(ExternalLogin).where(col(ExternalLogin.expires_at) < utc_now()))
    if intent:
        asked = _take(session, intent, col(ExternalLogin.nonce) == "", col(ExternalLogin.subject) == "")
        if actor is None or asked.user_id != actor.user_id or asked.provider != provider:
            raise LoginLapsed
    _store(
        session,
        handshake.state,
        AWAY,
        provider=provider,
        nonce=handshake.nonce,
        code_verifier=handshake.code_verifier,
        next_path=routes.safe_next(next_path)[:LONGEST_PATH],
        user_id=actor.user_id if intent and actor else None,
    )


def take_up(session: Session, actor: Actor | None, provider: str, state: str) -> LoginUnderWay:
    """Consume the state that a browser came back with, whatever becomes of the login.

    Raises:
        LoginLapsed: if it was never given out for this provider, was used, is too old, or if somebody
            else is logged in than who wanted to link.
    """
    row = _take(session, state, col(ExternalLogin.provider) == provider, col(ExternalLogin.nonce) != "")
    if row.user_id is not None and (actor is None or actor.user_id != row.user_id):
        raise LoginLapsed
    return LoginUnderWay(row.provider, row.nonce, row.code_verifier, row.next_path, row.user_id)


def finish(session: Session, under_way: LoginUnderWay, person: ExternalPerson) -> Outcome:
    """Decide what a proven identity leads to.

    Raises:
        UnusableIdentity: if the subject is not what the standard allows.
        IdentityTaken: if it is to be linked but is somebody else's.
        AccountClosed: if its account is no more.
        Banned: if operators keep its owner out.
    """
    if not _is_usable(person.subject):
        raise UnusableIdentity
    person = _tidy(person)
    if under_way.user_id is not None:
        label = person.email or person.name
        linked = _add_identity(session, under_way.user_id, under_way.provider, person.subject, label)
        return Outcome(Step.LINKED, under_way.user_id, linked=linked)
    known = _identity(session, under_way.provider, person.subject)
    if known is None:
        secret = _wait(session, under_way, person)
        is_owned = person.email_verified and _owner(session, person.email) is not None
        return Outcome(Step.GIVE_PASSWORD if is_owned else Step.CHOOSE_NAME, secret=secret)
    ticket = logins.after_first_step(session, known.user_id, under_way.provider)
    if ticket:
        return Outcome(Step.LOGGED_IN, known.user_id, ticket, next_path=under_way.next_path)
    return Outcome(Step.SECOND_STEP, known.user_id, secret=_wait(session, under_way, person, known.user_id))


def _is_usable(subject: str) -> bool:
    # Outer space is refused since MariaDB does not tell "x " from "x" in a key.
    return (
        0 < len(subject) <= LONGEST_SUBJECT
        and subject.isascii()
        and subject.isprintable()
        and subject == subject.strip()
    )


def _tidy(person: ExternalPerson) -> ExternalPerson:
    """The person with nothing that a database or a reader would stumble over; what is no address is none."""
    is_address = not accounts.email_error(person.email.strip())
    return ExternalPerson(
        subject=person.subject,
        email=person.email.strip() if is_address else "",
        email_verified=person.email_verified and is_address,
        name="" if has_control_characters(person.name) else clean_line(person.name)[:LONGEST_NAME],
    )


def _wait(session: Session, under_way: LoginUnderWay, person: ExternalPerson, user_id: int | None = None) -> str:
    """Keep what is proven until its person has made a choice; the secret is a new one, known to no address."""
    secret = passwords.new_token()
    _store(
        session,
        secret,
        PENDING,
        provider=under_way.provider,
        next_path=under_way.next_path,
        user_id=user_id,
        subject=person.subject,
        email=person.email,
        email_verified=person.email_verified,
        name=person.name,
    )
    return secret


def _store(session: Session, secret: str, lifetime: timedelta, **values: Any) -> None:
    expires_at = utc_now() + lifetime
    session.add(ExternalLogin(state_hash=passwords.token_hash(secret), expires_at=expires_at, **values))
    session.flush()


def _take(session: Session, secret: str, *conditions: sa.ColumnElement[bool]) -> ExternalLogin:
    row = _find(session, secret, *conditions)
    # The row count decides, so that of two requests with one secret only one goes on.
    deleted = session.execute(sa.delete(ExternalLogin).where(col(ExternalLogin.state_hash) == row.state_hash))
    if getattr(deleted, "rowcount", 0) != 1:
        raise LoginLapsed
    return row


def _find(session: Session, secret: str, *conditions: sa.ColumnElement[bool]) -> ExternalLogin:
    hashed = passwords.token_hash(secret)
    row = session.exec(select(ExternalLogin).where(ExternalLogin.state_hash == hashed, *conditions)).first()
    if row is None or row.expires_at < utc_now():
        raise LoginLapsed
    return row


_IS_PENDING = col(ExternalLogin.subject) != ""


def pending(session: Session, secret: str) -> PendingView:
    """What a login waits for. Raises ``LoginLapsed``."""
    row = _find(session, secret, _IS_PENDING)
    owner = _owner(session, row.email) if row.email_verified else None
    return PendingView(
        provider=label_of(row.provider),
        name=row.name,
        address=row.email,
        is_verified=row.email_verified,
        owner=owner.username if owner else "",
        has_way_in=bool(owner and owner.password_hash),
        next_path=row.next_path,
    )


def suggest_username(session: Session, secret: str) -> str:
    """A free username like the name at the third party, or an empty string. Raises ``LoginLapsed``."""
    row = _find(session, secret, _IS_PENDING)
    wanted = [newcomers.as_username(text) for text in (row.name, row.email.partition("@")[0])]
    candidates = [name for name in wanted if name]
    candidates += [
        f"{name[: accounts.USERNAME_LENGTH[1] - 2]}{number}" for name in candidates for number in range(2, 30)
    ]
    keys = {accounts.fold_username(name): name for name in candidates}
    taken = set(session.exec(select(User.username_key).where(col(User.username_key).in_(keys))).all())
    return next((name for key, name in keys.items() if key not in taken), "")


def create_account(session: Session, secret: str, username: str, email: str) -> Outcome:
    """Make an account without a password for a new identity. A verified address counts before a typed one.

    Raises:
        InvalidForm: if the name or the address is refused or taken.
        LoginLapsed: if the login does not wait any more.
        IdentityTaken: if the identity got an account meanwhile.
    """
    row = _take(session, secret, _IS_PENDING, col(ExternalLogin.user_id).is_(None))
    newcomer = newcomers.check_newcomer(username, row.email if row.email_verified else email)
    user_id = accounts.register(session, newcomer)
    _add_identity(session, user_id, row.provider, row.subject, row.email or row.name)
    ticket = logins.after_first_step(session, user_id, row.provider)
    return Outcome(Step.LOGGED_IN, user_id, ticket, next_path=row.next_path)


def link_by_password(session: Session, secret: str, user_id: int) -> Outcome:
    """Tie the identity to the account whose password was given, or ask for its code first.

    Raises:
        LoginLapsed: if the login does not wait any more, or the address is not the account's any more.
        IdentityTaken: if the identity got another account meanwhile.
    """
    row = _find(session, secret, _IS_PENDING, col(ExternalLogin.email_verified).is_(True))
    owner = _owner(session, row.email)
    if owner is None or owner.id != user_id:
        raise LoginLapsed
    ticket = logins.after_first_step(session, user_id, row.provider, logins.PASSWORD)
    if ticket:
        return _conclude(session, secret, user_id, ticket)
    free = (col(ExternalLogin.state_hash) == row.state_hash, col(ExternalLogin.user_id).is_(None))
    session.execute(sa.update(ExternalLogin).where(*free).values(user_id=user_id))
    return Outcome(Step.SECOND_STEP, user_id)


def give_code(session: Session, secret: str, code: str) -> Outcome:
    """The second step of a login that a third party began.

    Raises:
        WrongCode: if the code is not good.
        LoginLapsed: if the login does not wait for a code.
        Banned: if its owner was banned meanwhile.
    """
    user_id = account_of_code(session, secret)
    ban_terms.refuse_banned(session, user_id)
    kind = second_step.verify(session, user_id, code)
    row = _find(session, secret, _IS_PENDING)
    # An identity that opens nothing yet came this far by the account's password.
    is_known = _identity(session, row.provider, row.subject) is not None
    factors = (row.provider, kind) if is_known else (row.provider, logins.PASSWORD, kind)
    return _conclude(session, secret, user_id, accounts.issue_ticket(session, user_id, *factors))


def account_of_code(session: Session, secret: str) -> int:
    """Whose code a login waits for. Raises ``LoginLapsed``, ``AccountClosed``."""
    row = _find(session, secret, _IS_PENDING)
    user = session.get(User, row.user_id) if row.user_id else None
    if user is None:
        raise LoginLapsed
    if user.closed_at is not None:
        raise logins.AccountClosed
    return row.user_id or 0


def _conclude(session: Session, secret: str, user_id: int, ticket: str) -> Outcome:
    row = _take(session, secret, _IS_PENDING)
    linked = _add_identity(session, user_id, row.provider, row.subject, row.email or row.name)
    return Outcome(Step.LOGGED_IN, user_id, ticket, next_path=row.next_path, linked=linked)


def _owner(session: Session, email: str) -> User | None:
    if not email:
        return None
    mine = (col(User.email_key) == accounts.fold_email(email), col(User.closed_at).is_(None))
    return session.exec(select(User).where(*mine)).first()


def _identity(session: Session, provider: str, subject: str) -> ExternalIdentity | None:
    same = (ExternalIdentity.provider == provider, ExternalIdentity.subject == subject)
    return session.exec(select(ExternalIdentity).where(*same)).first()


def _add_identity(session: Session, user_id: int, provider: str, subject: str, label: str) -> str:
    """Tie an identity to an account, and return its provider if it was not tied to it before.

    Of two who do so at once the constraint lets one; the other looks again.
    """
    known = _identity(session, provider, subject)
    if known is not None and known.user_id != user_id:
        raise IdentityTaken
    if known is not None:
        return ""
    session.add(ExternalIdentity(user_id=user_id, provider=provider, subject=subject, label=label))
    session.flush()
    return provider
