"""Asks the full-text index of each database: the same question in three dialects, the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.services.search_text import Clause, Phrase, TextQuery

_MYSQL = ("mysql", "mariadb")
# Beside SQLite: matches of a common word, and how many of the newest documents are read for a page of them.
_COMMON = 500
_READ = 4000
# Characters of a document that are read to rank it: what the title and the tags say, of nearly all.
HEAD = 2000


@dataclass(frozen=True)
class Found:
    """A document that was found. ``head`` is how it begins, where that was asked for."""

    id: int
    section: str
    ref_id: int
    price_fen: int
    head: str = ""


@dataclass(frozen=True)
class PricePlace:
    """The last one shown of results by price."""

    price_fen: int
    id: int


def newest(
    session: Session,
    query: TextQuery,
    limit: int,
    *,
    at_most: int | None = None,
    at_least: int = 0,
    has_head: bool = False,
) -> list[Found]:
    """The newest documents that fulfil the query, newest first, of a range of places in the feed."""
    statement = _Statement(session, query)
    statement.place(at_most, at_least)
    if not query.clauses or _dialect(session) == "sqlite":
        return statement.rows("{id} DESC", limit, has_head=has_head)
    if count(session, query, _COMMON) == _COMMON:
        found = _newest_of_few(session, query, limit, at_most, at_least, has_head=has_head)
        if len(found) == limit:
            return found
    # The sum keeps PostgreSQL from walking down all documents for a word that it takes for common.
    return statement.rows("{id} + 0 DESC", limit, has_head=has_head)


def _newest_of_few(
    session: Session, query: TextQuery, limit: int, at_most: int | None, at_least: int, *, has_head: bool
) -> list[Found]:
    """The same among the newest few thousand documents, which are read one by one.

    Only SQLite's index gives the newest match before it has all of them, and of a common word these are
    a large part of everything.
    """
    everything = _Statement(session, TextQuery())
    everything.place(at_most, at_least)
    lowest = everything.place_below(_READ)
    statement = _Statement(session, query, is_indexed=_dialect(session) not in _MYSQL)
    statement.place(at_most, max(at_least, lowest))
    return statement.rows("{id} DESC", limit, has_head=has_head)


def sorts_at_once(session: Session) -> bool:
    """Whether sorting everything that matches costs less than asking again for each range of prices."""
    return _dialect(session) in _MYSQL


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def by_price(
    session: Session, query: TextQuery, limit: int, *, is_dearest: bool, after: PricePlace | None = None
) -> list[Found]:
    """All documents that fulfil the query by price, of one price the newest first. Reads them all."""
    statement = _Statement(session, query)
    if after is not None:
        statement.after(after, is_dearest=is_dearest)
    return statement.rows(f"price_fen {'DESC' if is_dearest else 'ASC'}, {{id}} DESC", limit)


def count(session: Session, query: TextQuery, bound: int) -> int:
    """How many documents fulfil the query, at most ``bound``."""
    found = 0
    for part in query.by_need_to_look():
        if found < bound:
            found += _Statement(session, part).count(bound - found)
    return found


class _Statement:
    """A query on its way to SQL. Nothing that people type is part of the text: all of it is bound."""

    def __init__(self, session: Session, query: TextQuery, *, is_indexed: bool = True) -> None:
        self._session = session
        self._dialect = _dialect(session)
        self._values: dict[str, Any] = {}
        self._conditions: list[str] = []
        # SQLite's index is a table of its own; its rowid must be named, or SQLite does not walk down it.
        self._has_index = self._dialect == "sqlite" and bool(query.clauses)
        self._id = "search_index.rowid" if self._has_index else "search_document.id"
        self._has_price = query.min_fen is not None or query.max_fen is not None
        if query.clauses and is_indexed:
            condition, text = _DIALECTS[self._dialect](query.clauses)
            self._where(condition, asked=text)
        if self._dialect in _MYSQL:
            for clause in query.clauses:
                self._check(clause, only_phrases=is_indexed)
        if query.min_fen is not None:
            self._where("price_fen >= :min_fen", min_fen=query.min_fen)
        if query.max_fen is not None:
            self._where("price_fen <= :max_fen", max_fen=query.max_fen)

    def _where(self, condition: str, **values: Any) -> None:
        self._conditions.append(condition)
        self._values |= values

    def _check(self, clause: Clause, *, only_phrases: bool) -> None:
        """Look into the text itself. InnoDB does so for phrases too, but takes three times as long."""
        if only_phrases and all(len(phrase) == 1 for group in clause for phrase in group):
            return

        def phrase(words: Phrase) -> str:
            name = f"phrase{len(self._values)}"
            self._values[name] = f" {' '.join(words)} "
            return f"LOCATE(:{name}, CONCAT(' ', text, ' ')) > 0"

        self._where(_nested([clause], phrase, " AND ", " OR "))

    def place(self, at_most: int | None, at_least: int) -> None:
        if at_most is not None:
            self._where(f"{self._id} <= :at_most", at_most=at_most)
        if at_least:
            self._where(f"{self._id} >= :at_least", at_least=at_least)

    def after(self, place: PricePlace, *, is_dearest: bool) -> None:
        sign = "<" if is_dearest else ">"
        self._where(
            f"(price_fen {sign} :price OR (price_fen = :price AND {self._id} < :place))",
            price=place.price_fen,
            place=place.id,
        )

    def _source(self, *, is_whole: bool) -> str:
        """Where to look: SQLite's index alone, unless more of the documents is wanted."""
        where = f" WHERE {' AND '.join(self._conditions)}" if self._conditions else ""
        if not self._has_index:
            return f"search_document{where}"
        # CROSS JOIN is SQLite's word for "in this order".
        joined = " CROSS JOIN search_document ON search_document.id = search_index.rowid" if is_whole else ""
        return f"search_index{joined}{where}"

    def rows(self, order: str, limit: int, *, has_head: bool = False) -> list[Found]:
        source, columns, order = self._source(is_whole=True), "section, ref_id, price_fen", order.format(id=self._id)
        statement = f"SELECT {self._id} AS id, {columns} FROM {source} ORDER BY {order} LIMIT :limit"  # noqa: S608
        if has_head:
            # Only the texts of those that are wanted are read, and not of all that are sorted.
            statement = (
                f"SELECT found.*, substr(search_document.text, 1, {HEAD}) FROM ({statement}) AS found"  # noqa: S608
                " JOIN search_document ON search_document.id = found.id ORDER BY found.id DESC"
            )
        rows = self._session.execute(sa.text(statement), {**self._values, "limit": limit})
        return [Found(*row) for row in rows]

    def place_below(self, number: int) -> int:
        """The place of the document after so many of the newest, or 0."""
        statement = sa.text(
            f"SELECT {self._id} FROM {self._source(is_whole=True)}"  # noqa: S608 - as above
            f" ORDER BY {self._id} DESC LIMIT 1 OFFSET :number"
        )
        return int(self._session.execute(statement, {**self._values, "number": number}).scalar() or 0)

    def count(self, bound: int) -> int:
        source = self._source(is_whole=self._has_price)
        statement = sa.text(f"SELECT count(*) FROM (SELECT {self._id} FROM {source} LIMIT :limit) AS found")  # noqa: S608
        return int(self._session.execute(statement, {**self._values, "limit": bound}).scalar_one())


def _fts5(clauses: Sequence[Clause]) -> tuple[str, str]:
    def phrase(words: Phrase) -> str:
        return f'"{" ".join(words)}"'

    return "search_index MATCH :asked", _nested(clauses, phrase, " AND ", " OR ")


def _tsquery(clauses: Sequence[Clause]) -> tuple[str, str]:
    def phrase(words: Phrase) -> str:
        return f"({' <-> '.join(words)})"

    return "words @@ CAST(:asked AS tsquery)", _nested(clauses, phrase, " & ", " | ")


def _nested(clauses: Sequence[Clause], phrase: Any, all_of: str, any_of: str) -> str:
    return all_of.join(
        f"({any_of.join(f'({all_of.join(map(phrase, group))})' for group in clause)})" for clause in clauses
    )


def _boolean(clauses: Sequence[Clause]) -> tuple[str, str]:
    """Words alone: that they follow one another is looked up in the text."""
    return "MATCH (text) AGAINST (:asked IN BOOLEAN MODE)", " ".join(map(_boolean_clause, clauses))


def _boolean_clause(clause: Clause) -> str:
    if len(clause) == 1:
        return _required(clause[0])
    groups = [[word for phrase in group for word in phrase] for group in clause]
    return f"+({' '.join(words[0] if len(words) == 1 else f'({_all(words)})' for words in groups)})"


def _required(group: Sequence[Phrase]) -> str:
    return _all([word for phrase in group for word in phrase])


def _all(words: Sequence[str]) -> str:
    return " ".join(f"+{word}" for word in dict.fromkeys(words))


_DIALECTS = {"sqlite": _fts5, "postgresql": _tsquery, "mysql": _boolean, "mariadb": _boolean}
