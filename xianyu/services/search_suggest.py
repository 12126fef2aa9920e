"""What to offer beside results: while somebody types, and in place of a thing that is gone."""

from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.models import Listing, Section
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.search import SearchQuery, Suggestion
from xianyu.services import listing_pages, pinyin, search_sql, tags
from xianyu.services.categories import Catalog, group_of, present
from xianyu.services.ids import is_id
from xianyu.services.search_rank import Ranker
from xianyu.services.search_sql import Found
from xianyu.services.search_text import TextQuery, text_query
from xianyu.services.search_words import fold

MOST_SUGGESTIONS = 8
# Characters: nobody who typed more is still looking for the word.
_LONGEST_TYPED = 30
_MOST_CATEGORIES = 2
_MOST_TAGS = 3
# Newest matches among which titles, each once, are looked for.
_TITLES_READ = 24
# Newest listings that share a word, of which the most alike are taken.
_ALIKE_READ = 200


def suggest(session: Session, actor: Actor | None, typed: str) -> list[Suggestion]:
    """Up to 8 things that somebody who typed this may mean: categories, tags, then newest titles.

    Chinese is also found by its pinyin, in full or by first letters. Takes any text.
    """
    typed = typed[:_LONGEST_TYPED].strip()
    folded = fold(typed)
    if not folded:
        return []
    named = [
        Suggestion("category", name, routes.search({"category": slug}))
        for slug, name, spelled, initials in _category_names(present())
        if folded in fold(name) or spelled.startswith(_letters(folded)) or initials == _letters(folded)
    ]
    tagged = [Suggestion("tag", name, routes.search({"tag": name})) for name in tags.suggest(session, actor, typed)]
    found = [*named[:_MOST_CATEGORIES], *tagged[:_MOST_TAGS]]
    return [*found, *_titles(session, typed, MOST_SUGGESTIONS - len(found))]


def _letters(folded: str) -> str:
    """What input methods send, without the signs between syllables; something unpronounceable for the rest."""
    letters = folded.replace(" ", "").replace("'", "")
    return letters if letters.isascii() and letters.isalpha() else " "


@lru_cache(maxsize=1)
def _category_names(catalog: Catalog) -> list[tuple[str, str, str, str]]:
    """Slug, name, pinyin and its first letters of every category that is offered."""
    offered = [each for group in catalog.shown for each in (group, *group.children)]
    return [(each.slug, each.name, *pinyin.spelling(each.name)) for each in offered]


def _titles(session: Session, typed: str, limit: int) -> list[Suggestion]:
    query = text_query(SearchQuery(words=typed, section=Section.TRADE), is_unfinished=True)
    if query.is_hopeless:
        return []
    ids = [found.ref_id for found in search_sql.newest(session, query, _TITLES_READ)]
    rows = session.execute(sa.select(col(Listing.id), col(Listing.title)).where(col(Listing.id).in_(ids))).all()
    titles = {row.id: row.title for row in rows}
    shown: dict[str, Suggestion] = {}
    for listing_id in ids:
        if listing_id in titles:
            title = titles[listing_id]
            shown.setdefault(fold(title), Suggestion("title", title, routes.listing(listing_id)))
    return list(shown.values())[:limit]


def similar(session: Session, actor: Actor | None, listing_id: int, limit: int = 6) -> list[ListingCard]:
    """What is on offer and most like a listing, whatever became of that one itself.

    First what shares words of its title and its category, then its group, then the newest of these alone.
    Nothing for an id that never was.
    """
    if not is_id(listing_id):
        return []
    row = session.exec(select(Listing.title, Listing.category, Listing.kind).where(Listing.id == listing_id)).first()
    if row is None:
        return []
    title, category, kind = row
    found: dict[int, Found] = {}
    for words, slug in ((title, category), (title, group_of(category)), ("", category), ("", group_of(category))):
        query = text_query(SearchQuery(words=words, category=slug, kind=kind)).loosened()
        if words and not query.words:
            continue
        for each in _most_alike(session, query):
            if each.ref_id != listing_id:
                found.setdefault(each.ref_id, each)
        if len(found) >= limit:
            break
    return listing_pages.cards(session, actor, list(found)[:limit])


def _most_alike(session: Session, query: TextQuery) -> list[Found]:
    rows = search_sql.newest(session, query, _ALIKE_READ, has_head=True)
    ranker = Ranker(query, rows[0].id if rows else 0)
    return sorted(rows, key=lambda each: (-ranker.score(each), -each.id))
