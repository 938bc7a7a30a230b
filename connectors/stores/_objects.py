"""What every store of objects can do, in the words that triggers, lookups and targets share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from connectors.sdk import CredentialsError, SettingsError
from connectors.sdk.files.arrivals import Found, moment

# The name of the metadata that carries the idempotency key of the delivery that wrote an object
KEY_NAME = "patchdeck"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some objects of a listing in the store's order; `after` asks for the following ones, `asked` is its clock."""

    objects: Sequence[Found]
    after: str | None = None
    asked: datetime | None = None


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it stands: `version` changes with every write, `kept` names it once it is no longer the newest."""

    key: str
    size: int
    version: str
    kept: str = ""
    media_type: str = ""
    changed: datetime | None = None
    metadata: Mapping[str, str] = {}

    @property
    def shown(self) -> dict[str, object]:
        """The object as people and templates see it."""
        return {
            "path": self.key,
            "size": self.size,
            "media_type": self.media_type,
            "changed": moment(self.changed),
            "version": self.version,
        }


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What to write under a key."""

    key: str
    body: bytes
    media_type: str
    metadata: Mapping[str, str] = {}


class MovedOnError(Exception):
    """Somebody else wrote or removed the object since it was looked at."""


class DeniedError(CredentialsError):
    """The service knows the credentials and does not let them do what was asked."""


class UnreadableError(SettingsError):
    """This one object cannot be read as it lies there; the others can."""


class Store(Protocol):
    """One bucket of a service, in one call; a bucket that is not there is a `SettingsError`."""

    async def page(self, prefix: str, after: str | None = None) -> Page:
        """Return the objects below a prefix, a page of them."""
        ...

    async def head(self, key: str) -> Stored | None:
        """Return what stands under a key."""
        ...

    async def read(self, key: str, version: str = "") -> bytes | None:
        """Return the content; None when there is none or, with a version, when another one stands there."""
        ...

    async def put(self, content: Content, standing: Stored | None) -> Stored:
        """Write where still the same thing stands, or nothing; `MovedOnError` when that has changed."""
        ...

    async def restore(self, former: Stored, standing: Stored) -> Stored:
        """Put a former version back in place of another; SettingsError when the store has not kept it."""
        ...

    async def delete(self, standing: Stored) -> None:
        """Remove what stands under a key."""
        ...


class Linking(Store, Protocol):
    """A store that signs addresses for others."""

    async def link(self, key: str, seconds: int) -> str:
        """Return an address under which anybody can read the object for a while."""
        ...


def is_addressable(key: str) -> bool:
    """Tell whether a key can be asked for: addresses leave out what stands before '..'."""
    return bool(key) and not any(part in {".", ".."} for part in key.split("/"))


def require_addressable(key: str) -> None:
    """Refuse keys that no address can hold."""
    if not is_addressable(key):
        raise SettingsError("The object's path is empty or has a part '.' or '..', which addresses cannot hold.")
