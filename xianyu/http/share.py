"""What chats and crawlers see of a listing that somebody shares. People are led on to its page.

The pages themselves are one and the same HTML for all addresses; a preview needs its own.
"""

from html import escape

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.database import get_database
from xianyu.http.plain_pages import document
from xianyu.models import ListingKind, ListingStatus
from xianyu.schemas.listings import ListingDetail, PhotoView
from xianyu.services import listing_pages
from xianyu.services.listing_errors import ListingNotFound
from xianyu.services.text import clean_line
from xianyu.settings import get_settings

# Characters of the text that a preview shows.
EXCERPT = 120
# Digits that fit every database's number.
_LONGEST_ID = 15


async def share(request: Request) -> Response:
    """A listing's preview as HTML, which sends browsers on; 404 for what does not exist or is deleted."""
    text = request.path_params["listing_id"]
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    try:
        listing, photos = await get_database().reading(_read, int(text) if is_number else 0)
    except ListingNotFound as error:
        return HTMLResponse(_missing(error.message), status_code=404, headers={"Cache-Control": "no-store"})
    return HTMLResponse(_preview(listing, photos), headers={"Cache-Control": "no-cache"})


def _read(session: Session, listing_id: int) -> tuple[ListingDetail, list[PhotoView]]:
    return listing_pages.with_photos(session, None, listing_id)


def _preview(listing: ListingDetail, photos: list[PhotoView]) -> str:
    site, origin = get_settings().site_name, get_settings().public_url
    page, price = paths.listing(listing.id), _price(listing)
    summary = " · ".join(part for part in (price, _excerpt(listing.description)) if part)
    named = {
        "og:type": "website",
        "og:site_name": site,
        "og:locale": "zh_CN",
        "og:title": listing.title,
        "og:description": summary,
        # Its own address: a crawler that asks this one again must find the same tags.
        "og:url": origin + paths.share(listing.id),
    }
    tags = [_meta("property", name, content) for name, content in named.items()]
    picture = ""
    if photos:
        cover = photos[0]
        tags += [
            _meta("property", "og:image", origin + cover.url),
            _meta("property", "og:image:type", "image/webp"),
            _meta("property", "og:image:width", str(cover.width)),
            _meta("property", "og:image:height", str(cover.height)),
            _meta("property", "og:image:alt", listing.title),
        ]
        picture = (
            f'<img src="{escape(cover.url)}" width="{cover.width}" height="{cover.height}" '
            f'alt="{escape(listing.title)}">'
        )
    tags += [
        _meta("name", "description", summary),
        _meta("name", "twitter:card", "summary_large_image" if photos else "summary"),
        f'<meta http-equiv="refresh" content="0; url={escape(page)}">',
    ]
    body = (
        f'{picture}<h1>{escape(listing.title)}</h1><p class="price">{escape(price)}</p>'
        f"<p>{escape(_excerpt(listing.description))}</p>"
        f'<a href="{escape(page)}">查看宝贝详情</a>'
    )
    return document(escape(f"{listing.title} · {site}"), tags, body)


def _missing(message: str) -> str:
    body = f'<h1>{escape(message)}</h1><a href="{paths.HOME}">回首页看看</a>'
    title = escape(f"{message} · {get_settings().site_name}")
    return document(title, [_meta("name", "robots", "noindex")], body)


def _price(listing: ListingDetail) -> str:
    """What it costs, in words where that is no price, and what became of it."""
    off = "已下架"
    states: dict[str, str] = {
        ListingStatus.SOLD_OUT: "已售出",
        ListingStatus.TAKEN_DOWN: off,
        ListingStatus.SUSPENDED: off,
    }
    amount = f"¥{listing.price}"
    if listing.kind == ListingKind.WANTED:
        amount = f"求购 预算 {amount}"
    elif not listing.price.strip("0."):
        amount = "免费送"
    return " · ".join(part for part in (amount, states.get(listing.status, "")) if part)


def _excerpt(description: str) -> str:
    """The first line that says something, not too long."""
    line = next((line for line in map(clean_line, description.splitlines()) if line), "")
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{escape(name)}" content="{escape(content)}">'


routes = [Route(f"{paths.SHARE}/{{listing_id}}", share, methods=["GET"])]
