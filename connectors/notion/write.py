"""Pages into a database: found by a key property, written with the types that the database gives its properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.notion.connection import Connection, DataSource, Page, call, data_source, listed
from connectors.notion.settings import Pages
from connectors.notion.values import shown, written
from connectors.sdk import Context, Receipt, SettingsError

_BY_NUMBER = frozenset({"number"})
_BY_TEXT = frozenset({"title", "rich_text", "select", "status", "url", "email", "phone_number", "date"})


class Write:
    """One page to write: what it is to hold, and the page of its key where there is one."""

    def __init__(self, context: Context[Connection, Pages], source: DataSource, values: Mapping[str, Any]) -> None:
        self._context = context
        self._source = source
        self.values = values
        self.properties = _properties(source, values)

    @classmethod
    async def prepare(cls, context: Context[Connection, Pages], values: Mapping[str, Any]) -> Write:
        """Look up the properties of the database."""
        return cls(context, await data_source(context, context.settings.database), values)

    async def standing(self) -> Page | None:
        """Return the page that has the key, None when there is none or no key to look for."""
        key = self._context.settings.key
        if not key:
            return None
        asked = {"filter": self._key_filter(key)}
        async for found in listed(self._context, f"data_sources/{self._source.id}/query", asked):
            if len(found) > 1:
                raise SettingsError(f"{len(found)} pages have {key} {self.values[key]}; a key must be unique.")
            return page_of(found[0]) if found else None
        return None

    async def create(self) -> Page:
        """Add the page."""
        body = {"parent": await self._parent(), "properties": self.properties}
        return (await call(self._context, "POST", "pages", body)).read(Page)

    async def change(self, page: Page) -> Page:
        """Set the properties of a page."""
        return (await call(self._context, "PATCH", f"pages/{page.id}", {"properties": self.properties})).read(Page)

    def before(self, page: Page) -> dict[str, Any]:
        """Return what the properties hold that this writes."""
        return {name: shown(page.properties[name]) for name in self.properties if name in page.properties}

    def after(self) -> dict[str, Any]:
        """Return what they will hold."""
        return {name: told(self._source, name, value) for name, value in self.values.items()}

    def differs(self, page: Page) -> bool:
        """Tell whether writing would change the page."""
        stands = {name: told(self._source, name, value) for name, value in self.before(page).items()}
        return stands != self.after()

    def named(self) -> str | None:
        """Name the page by its key."""
        key = self._context.settings.key
        return f"{key} {self.values[key]}" if key else None

    def _key_filter(self, key: str) -> dict[str, Any]:
        kind, value = self._source.properties[key].type, self.values[key]
        if value in (None, ""):
            raise SettingsError(f"The key property {key} is empty.")
        if kind in _BY_NUMBER:
            return {"property": key, kind: {"equals": written(key, kind, value)[kind]}}
        if kind not in _BY_TEXT:
            raise SettingsError(f"A property of type {kind} cannot be a key; take a title, text, number or select.")
        return {"property": key, kind: {"equals": str(value)}}

    async def _parent(self) -> dict[str, str]:
        """Name the database; one with several data sources wants to be told which."""
        database = str(self._source.parent.get("database_id") or "")
        if database:
            found = (await call(self._context, "GET", f"databases/{database}")).json()
            if len(found.get("data_sources", [])) == 1:
                return {"type": "database_id", "database_id": database}
        return {"type": "data_source_id", "data_source_id": self._source.id}


def told(source: DataSource, name: str, value: Any) -> Any:
    """Return a value as it would be read back, so that old and new can be compared."""
    kind = source.properties[name].type
    kept = written(name, kind, value)[kind]
    if kind in {"title", "rich_text"}:
        return "".join(piece["text"]["content"] for piece in kept)
    if kind == "number" and kept is not None:
        return float(kept)
    if kind == "people":
        return [one["id"] for one in kept]
    return shown({"type": kind, kind: kept})


def page_of(found: Mapping[str, Any]) -> Page:
    """Read a page out of a list."""
    import msgspec

    from connectors.sdk import TemporaryError

    try:
        return msgspec.convert(found, Page)
    except msgspec.ValidationError as error:
        raise TemporaryError(f"Notion answered with something else than a page: {error}.") from error


async def take_back(context: Context[Connection, Pages], receipt: Receipt) -> None:
    """Put a page's properties back, or the page into the trash; only while it is as it was written."""
    if not isinstance(receipt.after, Mapping):
        raise SettingsError("How the page was before is not known, so this cannot be undone.")
    page = (await call(context, "GET", f"pages/{receipt.after['id']}")).read(Page)
    source = await data_source(context, context.settings.database)
    values = receipt.after["values"]
    if page.in_trash or any(
        name not in page.properties or told(source, name, shown(page.properties[name])) != told(source, name, value)
        for name, value in values.items()
    ):
        raise SettingsError(
            f"{receipt.reference or 'The page'} has changed since it was written, so it stays as it is."
        )
    body: dict[str, Any] = {"in_trash": True}
    if receipt.before is not None:
        body = {"properties": _properties(source, receipt.before)}
    await call(context, "PATCH", f"pages/{page.id}", body)


def _properties(source: DataSource, values: Mapping[str, Any]) -> dict[str, Any]:
    absent = [name for name in values if name not in source.properties]
    if absent:
        raise SettingsError(
            f"The database has no property {', '.join(absent)}. It has: {', '.join(source.properties)}."
        )
    return {name: written(name, source.properties[name].type, value) for name, value in values.items()}
