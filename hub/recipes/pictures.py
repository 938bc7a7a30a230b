"""Pictures to choose on: kept in memory for the member who asked, and for minutes only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

import msgspec

from connectors.sdk.pages.browser import Box, Picture
from hub.errors import NotFoundError
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.recipes.choices import Offers, Wanted

SECONDS = 600.0
MOST_EACH, MOST_BYTES = 5, 64 * 1024 * 1024
_GONE = "This picture is no longer kept. Ask for it again."


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something to choose: its number, its value, how it begins; `box` is left, top, width, height in pixels."""

    number: int
    value: str
    text: str
    box: Box | None = None


class PictureView(msgspec.Struct, frozen=True, kw_only=True):
    """A picture's parts, and where its JPEG is for some minutes; a part without a box is not in the picture."""

    id: str
    address: str
    width: int
    height: int
    parts: Sequence[Part]


class _Kept(msgspec.Struct, frozen=True):
    """An image, whose it is, and until when."""

    workspace: UUID
    user: UUID | None
    image: bytes
    until: float


class Pictures:
    """Shows what can be chosen where it stands."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._kept: dict[UUID, _Kept] = {}

    async def take(self, member: Member, wanted: Wanted) -> PictureView:
        """Have the service draw the choices of a setting; InvalidError says why it cannot."""
        return self.keep(member, await self._offers.picture(member, wanted))

    def keep(self, member: Member, picture: Picture) -> PictureView:
        """Keep a picture for its member; the oldest ones go where there are too many."""
        member.authorize(Verb.USE_CONNECTIONS)
        made = new_id()
        self._kept[made] = _Kept(member.workspace, member.user, picture.image, time.monotonic() + SECONDS)
        self._thin(member)
        parts = [
            Part(number=number, value=one.value, text=one.text, box=one.box)
            for number, one in enumerate(picture.parts, 1)
        ]
        shown = show("pic", made)
        address = f"/api/v1/choices/pictures/{shown}"
        return PictureView(id=shown, address=address, width=picture.width, height=picture.height, parts=parts)

    def image(self, member: Member, picture: str) -> bytes:
        """Return a picture's JPEG to the member who asked for it."""
        member.authorize(Verb.USE_CONNECTIONS)
        kept = self._kept.get(parse("pic", picture))
        if kept is None or kept.until < time.monotonic() or not _is_of(kept, member):
            raise NotFoundError(_GONE)
        return kept.image

    def _thin(self, member: Member) -> None:
        now = time.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if kept.until >= now}
        own = [key for key, kept in self._kept.items() if _is_of(kept, member)]
        for key in own[:-MOST_EACH]:
            del self._kept[key]
        while sum(len(kept.image) for kept in self._kept.values()) > MOST_BYTES:
            del self._kept[next(iter(self._kept))]


def _is_of(kept: _Kept, member: Member) -> bool:
    return (kept.workspace, kept.user) == (member.workspace, member.user)
