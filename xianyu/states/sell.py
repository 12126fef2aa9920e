"""The form that publishes a listing, and the same form that changes one."""

import json
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.schemas.listings import ListingForm, PhotoView
from xianyu.services import limits, listings
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.listing_form import check_listing
from xianyu.states.actor import member_id, read_as_member, route_id, write_as_member
from xianyu.states.delivery import announce

# Characters; nine ids and their brackets need far fewer.
LONGEST_FIELD = 2000


def _photo_ids(field: object) -> object:
    """The ids in the photo picker's field, or something that the form's check refuses.

    Raises:
        InvalidForm: if photos are still on their way.
    """
    try:
        chosen = json.loads(field) if isinstance(field, str) and len(field) < LONGEST_FIELD else {}
    except ValueError:
        return None
    if not isinstance(chosen, dict):
        return None
    if chosen.get("pending"):
        raise InvalidForm({"photos": "照片还在上传，请稍等片刻再发布"})
    return chosen.get("ids")


def _check(form: dict[str, Any]) -> ListingForm:
    return check_listing(
        title=form.get("title"),
        description=form.get("description"),
        price=form.get("price"),
        quantity=form.get("quantity"),
        category=form.get("category"),
        photo_ids=_photo_ids(form.get("photos")),
    )


class SellState(rx.State):
    """What was refused in the form, and what it starts with. The fields keep their own text."""

    errors: dict[str, str] = {}
    busy: bool = False
    loaded: bool = False
    missing: str = ""
    title: str = ""
    description: str = ""
    price: str = ""
    quantity: str = ""
    category: str = ""
    photos: list[PhotoView] = []

    @rx.event
    def load(self) -> None:
        """An empty form."""
        self.reset()
        self.quantity, self.loaded = "1", True

    @rx.event
    async def load_edit(self) -> None:
        """The form of a listing of mine."""
        self.reset()
        try:
            listing, photos = await read_as_member(self, listings.own_with_photos, route_id(self, "listing_id"))
        except listings.ListingNotFound as error:
            self.missing, self.loaded = error.message, True
            return
        except listings.NotYourListing as error:
            self.missing, self.loaded = error.message, True
            return
        self.title, self.description, self.category = listing.title, listing.description, listing.category
        self.price, self.quantity = listing.price.replace(",", ""), str(max(listing.quantity, 1))
        self.photos, self.loaded = photos, True

    @rx.event
    async def publish(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """发布."""
        self.errors, self.busy = {}, True
        yield
        try:
            checked = _check(form)
            await limits.spending(limits.PUBLISH, str(await member_id(self)))
            event = await write_as_member(self, listings.publish, checked)
        except InvalidForm as error:
            self.errors = error.errors
            return
        except limits.TooManyRequests as error:
            self.errors = {error.field: error.message}
            return
        finally:
            self.busy = False
        await announce(event)
        yield rx.redirect(routes.listing(event.listing_id), replace=True)

    @rx.event
    async def save(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """保存."""
        self.errors, self.busy = {}, True
        yield
        listing_id = route_id(self, "listing_id")
        try:
            event = await write_as_member(self, listings.edit, listing_id, _check(form))
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.missing = error.message
            return
        finally:
            self.busy = False
        await announce(event)
        yield rx.redirect(routes.listing(listing_id), replace=True)
