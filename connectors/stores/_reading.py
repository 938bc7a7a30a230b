"""What lookups return of a store: lists of objects, one object's content, and links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sdk import Attachment, SettingsError
from connectors.sdk.files.arrivals import LARGEST_FILE, fits, moment
from connectors.sdk.texts import storable
from connectors.stores._arrivals import shown
from connectors.stores._objects import Linking, Store, require_addressable
from connectors.stores._settings import Linked, Listing, Reading


async def listed(store: Store, settings: Listing) -> dict[str, Any]:
    """Return the objects of a folder that fit, up to the limit."""
    found: list[dict[str, Any]] = []
    after, more = None, True
    while more and len(found) <= settings.limit:
        page = await store.page(settings.folder, after)
        wanted = [one for one in page.objects if fits(one.name, settings.pattern, settings.types)]
        found += [shown(one) for one in wanted if not one.path.endswith("/")]
        after, more = page.after, page.after is not None
    objects = found[: settings.limit]
    return {"objects": objects, "count": len(objects), "more": more or len(found) > settings.limit}


async def content(store: Store, settings: Reading) -> dict[str, Any]:
    """Return an object with its content."""
    require_addressable(settings.path)
    found = await store.head(settings.path)
    if found is None:
        raise SettingsError(f"There is no object {settings.path} in the bucket {settings.bucket}.")
    if found.size > LARGEST_FILE:
        raise SettingsError(f"{settings.path} is larger than {LARGEST_FILE // 1024 // 1024} MB and is not read.")
    body = await store.read(settings.path)
    if body is None:
        raise SettingsError(f"{settings.path} was removed at this moment.")
    name = storable(settings.path.rpartition("/")[2])
    kind = found.media_type or "application/octet-stream"
    file = Attachment(name=name, media_type=kind, content=body)
    return {"file": file, "name": name, **found.shown}


async def linked(store: Linking, settings: Linked) -> dict[str, Any]:
    """Return an address under which anybody can read the object until a moment."""
    require_addressable(settings.path)
    if await store.head(settings.path) is None:
        raise SettingsError(f"There is no object {settings.path} in the bucket {settings.bucket}.")
    ends = datetime.now(UTC) + timedelta(minutes=settings.minutes)
    return {"url": await store.link(settings.path, settings.minutes * 60), "expires": moment(ends)}
