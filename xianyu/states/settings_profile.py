"""The cards of the settings about who one is: profile, avatar, what others see, and which mails one wants."""

from typing import Any

import reflex as rx

from xianyu.adapters import media
from xianyu.adapters.database import in_thread
from xianyu.schemas.accounts import ProfileView
from xianyu.services import profiles
from xianyu.services.errors import InvalidForm
from xianyu.settings import get_settings
from xianyu.states.actor import read_as_member, write_as_member
from xianyu.states.delivery import announce


class SettingsProfileState(rx.State):
    """The present profile. The form's fields keep their own text."""

    profile: ProfileView = ProfileView()
    loaded: bool = False
    errors: dict[str, str] = {}
    saved: bool = False

    @rx.event
    async def load(self) -> None:
        """The settings were opened."""
        self.errors, self.saved = {}, False
        await self._show()

    async def _show(self) -> None:
        self.profile = await read_as_member(self, profiles.own)
        self.loaded = True

    @rx.event
    async def save(self, form: dict[str, Any]) -> None:
        """保存资料."""
        self.errors, self.saved = {}, False
        try:
            checked = profiles.check_profile(form.get("display_name"), form.get("bio"), form.get("building"))
        except InvalidForm as error:
            self.errors = error.errors
            return
        event = await write_as_member(self, profiles.save, checked)
        await self._show()
        self.saved = True
        await announce(event)

    @rx.event
    async def show_avatar(self) -> None:
        """A new avatar was uploaded."""
        await self._show()

    @rx.event
    async def remove_avatar(self) -> None:
        """移除头像."""
        event, former = await write_as_member(self, profiles.set_avatar, "")
        await in_thread(lambda: media.delete_photo(get_settings().media_dir, former))
        await self._show()
        await announce(event)

    @rx.event
    async def choose_mail(self, wants_mail: bool) -> None:
        """The switch for mails about missed messages."""
        await write_as_member(self, profiles.set_wants_mail, wants_mail)
        await self._show()

    @rx.event
    async def choose_presence(self, shows_presence: bool) -> None:
        """The switch for who sees that one is online."""
        await announce(await write_as_member(self, profiles.set_shows_presence, shows_presence))
        await self._show()
