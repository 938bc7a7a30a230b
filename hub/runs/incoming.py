"""From what a connector yields to what is kept: attachments stored, content encoded, subject worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from connectors.sdk import Attachment, Item
from connectors.sdk.texts import storable
from hub.database import to_jsonb
from hub.files import Files
from hub.ids import new_id
from hub.recipes import CompiledRecipe, Rendered, TemplateError
from hub.runs.accept import Arrival
from hub.runs.lengths import indexable


class Entrance(Protocol):
    """Where items come in: a recipe's trigger, compiled."""

    @property
    def workspace(self) -> UUID:
        """The recipe's workspace."""
        ...

    @property
    def recipe(self) -> UUID:
        """The recipe's id."""
        ...

    @property
    def version(self) -> int:
        """The version that new items get."""
        ...

    @property
    def compiled(self) -> CompiledRecipe | None:
        """The compiled version; None while only a draft listens."""
        ...


class Storage(Protocol):
    """Where attachments go."""

    @property
    def files(self) -> Files:
        """The file store."""
        ...


async def arrivals_of(
    entrance: Entrance, items: Sequence[Item], storage: Storage, *, test: bool = False
) -> list[Arrival]:
    """Make arrivals of items; attachments are stored first, so that an item never names a missing file."""
    return [await _arrival(entrance, item, storage, test) for item in items]


async def stored_content(workspace: UUID, content: Any, storage: Storage) -> Any:
    """Store the attachments inside a content and return it with references in their places."""
    return await _stored(workspace, content, storage) if _holds_files(content) else content


async def _arrival(entrance: Entrance, item: Item, storage: Storage, test: bool) -> Arrival:
    content = await stored_content(entrance.workspace, item.content, storage)
    subject, live = item.subject, "start"
    compiled = entrance.compiled
    if test:
        subject = None  # it is about nothing that lives
    elif compiled is not None and compiled.subject is not None:
        subject, live = _subject(compiled.subject, content) or subject, compiled.live
    return Arrival(
        id=new_id(),
        workspace=entrance.workspace,
        recipe=entrance.recipe,
        version=entrance.version,
        content=to_jsonb(content),
        key=None if item.key is None else indexable(item.key),
        subject=None if subject is None else indexable(subject),
        live=live,
        title=storable(item.title),
        test=test,
    )


def _holds_files(value: Any) -> bool:
    if isinstance(value, Attachment):
        return True
    if isinstance(value, dict):
        return any(_holds_files(one) for one in value.values())
    return isinstance(value, list) and any(_holds_files(one) for one in value)


async def _stored(workspace: UUID, value: Any, storage: Storage) -> Any:
    """Put a reference in the place of every attachment."""
    if isinstance(value, Attachment):
        summary = await storage.files.store(workspace, value.name, value.media_type, value.content)
        return {"file": summary.id, "name": summary.name, "media_type": summary.media_type, "size": summary.size}
    if isinstance(value, dict):
        return {name: await _stored(workspace, one, storage) for name, one in value.items()}
    if isinstance(value, list):
        return [await _stored(workspace, one, storage) for one in value]
    return value


def _subject(subject: Rendered, content: Any) -> str | None:
    """Work out what an item is about; a template that fails names nothing."""
    try:
        value = subject.render({"trigger": content})
    except TemplateError:
        return None
    return None if value in (None, "") else str(value)
