"""Records of one object: searched, followed by time, written and deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from connectors.salesforce.calls import call, found
from connectors.salesforce.connection import Connection
from connectors.salesforce.fields import Field, alike, fields_of, literal, plain
from connectors.salesforce.saving import Saved, Sent, save
from connectors.salesforce.soql import NAME, PATH, quoted, written_moment
from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.cursors.following import At
from connectors.sdk.records.entries import MOST_FOUND, Entry, moment

PAGE = 2000
# FIELDS(ALL) is given for no more at once
PAGE_OF_ALL = 200
# So much of a list of keys goes into one query
LONGEST_LIST = 6000
_TIMES: Mapping[At, str] = {"created": "CreatedDate", "changed": "SystemModstamp"}
_TITLES = ("Name", "Subject", "Title", "CaseNumber", "OrderNumber", "ContractNumber")


class Records:
    """All records of an object: the connector's entries and their timeline."""

    kind = "record"
    mark = ""

    def __init__(
        self,
        context: Context[Connection, Any],
        names: Collection[str] = (),
        *,
        fields: Mapping[str, Field] | None = None,
        condition: str = "",
    ) -> None:
        wrong = next((name for name in names if not PATH.fullmatch(name)), None)
        if wrong is not None:
            raise SettingsError(f"{wrong[:100]!r} can be no field of Salesforce.")
        self._context = context
        self._object: str = context.settings.object
        self._names = tuple(names)
        self._fields = fields or {}
        self._known: dict[tuple[str, Any], list[Entry]] = {}
        self._always = [f"({condition})"] if condition else []

    @classmethod
    async def prepare(cls, context: Context[Connection, Any], names: Collection[str] = ()) -> Records:
        """Look up the fields, which say how values are written."""
        return cls(context, names, fields=await fields_of(context, context.settings.object))

    def field(self, name: str) -> Field:
        """Return a field, or one of a record that a field refers to, such as Account.Name; SettingsError otherwise."""
        if name in self._fields:
            return self._fields[name]
        reference = self._reference(name)
        return Field(name=name, type="string", createable=reference.createable, updateable=reference.updateable)

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as Salesforce keeps them."""
        return {name: plain(self.field(name), value) for name, value in values.items()}

    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return plain values as they are sent: a value such as Account.Number__c names the account to refer to."""
        body: dict[str, Any] = {}
        for name, value in values.items():
            relation, _, key = name.partition(".")
            if not key:
                body[name] = value
            elif value is None:
                body[self._reference(name).name] = None
            else:
                body[relation] = {key: value}
        return body

    def url(self, identity: str) -> str:
        """Return where people see a record."""
        return f"{self._context.connection.base}/{quote_plus(identity)}"

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records that have these values, page by page in the order of their ids."""
        conditions = [self._equal(name, value) for name, value in self.plain(where).items()]
        entries: list[Entry] = []
        after = ""
        while len(entries) <= limit:
            beyond = [f"Id > {quoted(after)}"] if after else []
            size = min(self._page, limit + 1)
            page = await self._listed([*conditions, *beyond], "Id", size)
            entries += page
            if len(page) < size:
                break
            if page[-1].id == after:
                raise TemporaryError("Salesforce lists the same records again and again.")
            after = page[-1].id
        return entries

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return the records with a value, two at most, or what `learn` has found of it."""
        key = self._key(name, value)
        if key not in self._known:
            await self.learn(name, [value])
        return self._known[key][:2]

    async def learn(self, name: str, values: Sequence[Any]) -> None:
        """Look up which records have these values of a field, many in a query."""
        field = self.field(name)
        fresh: dict[tuple[str, Any], list[Entry]] = {self._key(name, value): [] for value in values}
        kept = [one for one in (plain(field, value) for value in values) if one is not None]
        for part in _parts(list(dict.fromkeys(literal(field, one) for one in kept))):
            records = await found(self._context, self._query([f"{name} IN ({','.join(part)})"], "Id", MOST_FOUND + 1))
            if len(records) > MOST_FOUND:
                raise SettingsError(f"The field {name} has the same value in too many records; a key must be unique.")
            for entry in map(self._entry, records):
                fresh.setdefault(self._key(name, entry.values.get(name)), []).append(entry)
        self._known |= fresh

    async def entry(self, identity: str) -> Entry | None:
        """Return one record, None when it is gone."""
        entries = await self._listed([f"Id = {quoted(identity)}"], "Id", 1)
        return entries[0] if entries else None

    async def entries(self, identities: Collection[str]) -> Sequence[Entry]:
        """Return those of some records that are there, a page at most."""
        listed = ",".join(quoted(one) for one in identities)
        return await self._listed([f"Id IN ({listed})"], f"{_TIMES['changed']}, Id", self._page)

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a record."""
        return Entry(id=_only(await save(self._context, "POST", "", [self.body(self.plain(values))])).id, values=values)

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a record, those of them that can be set."""
        settable = {name: value for name, value in self.plain(values).items() if self.field(name).updateable}
        body = {"id": identity, **self.body(settable)}
        return Entry(id=_only(await save(self._context, "PATCH", "", [body])).id, values=values)

    async def remove(self, identity: str) -> None:
        """Move a record to the recycle bin, where it stays for 15 days."""
        await call(self._context, "DELETE", self._place(identity))

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; each begins behind the last record of the one before, by its time and id."""
        name = _TIMES[at]
        conditions = [] if start is None else [f"{name} >= {written_moment(start)}"]
        moment, identity = start, ""
        while True:
            page = await self._listed(conditions, f"{name}, Id", self._page)
            yield page
            if len(page) < self._page:
                return
            reached = page[-1].created if at == "created" else page[-1].changed
            if reached is None or page[-1].id == identity or (moment is not None and reached < moment):
                raise TemporaryError("Salesforce lists records otherwise than in the order it was asked for.")
            moment, identity = reached, page[-1].id
            then = written_moment(moment)
            conditions = [f"({name} > {then} OR ({name} = {then} AND Id > {quoted(identity)}))"]

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest record."""
        query = self._query([], f"{_TIMES[at]} DESC", 1, f"Id, {_TIMES[at]}")
        entries = [self._entry(one) for one in await found(self._context, query)]
        return (entries[0].created if at == "created" else entries[0].changed) if entries else None

    @property
    def _page(self) -> int:
        return PAGE if self._names else PAGE_OF_ALL

    async def _listed(self, conditions: Sequence[str], order: str, size: int) -> list[Entry]:
        records = await found(self._context, self._query(conditions, order, size))
        return [self._entry(one) for one in records]

    def _query(self, conditions: Sequence[str], order: str, size: int, selected: str = "") -> str:
        where = " AND ".join([*self._always, *conditions])
        wanted = selected or self._selected(order)
        where = f" WHERE {where}" if where else ""
        # Names are held to letters and digits, values are quoted
        return f"SELECT {wanted} FROM {self._object}{where} ORDER BY {order} LIMIT {size}"  # noqa: S608  # as said

    def _selected(self, order: str) -> str:
        """Name the fields to read: all, or the chosen ones besides those that order and name a record."""
        if not self._names:
            return "FIELDS(ALL)"
        times = [name for name in _TIMES.values() if name in order or name in self._fields]
        return ", ".join({name.lower(): name for name in ("Id", *times, *self._names)}.values())

    def _reference(self, name: str) -> Field:
        relation, _, key = name.partition(".")
        found = next((one for one in self._fields.values() if key and one.relationship_name == relation), None)
        if found is None or not NAME.fullmatch(key):
            raise SettingsError(f"The object {self._object} shows no field {name} to this user.")
        return found

    def _equal(self, name: str, value: Any) -> str:
        field = self.field(name)
        if not field.filterable:
            raise SettingsError(f"Salesforce cannot look for values of the field {name}.")
        return f"{name} = {literal(field, value)}"

    def _key(self, name: str, value: Any) -> tuple[str, Any]:
        field = self.field(name)
        return name, alike(field, plain(field, value))

    def _place(self, identity: str) -> str:
        return f"sobjects/{self._object}/{quote_plus(identity)}"

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        values = shown(record)
        values |= {name: _along(values, name) for name in self._names if "." in name}
        identity = str(values.get("Id", ""))
        if not identity:
            raise TemporaryError("Salesforce answered with a record without its id.")
        return Entry(
            id=identity,
            values=values,
            title=next((str(values[name]) for name in _TITLES if values.get(name)), identity),
            url=self.url(identity),
            created=_moment(values.get("CreatedDate")),
            changed=_moment(values.get("SystemModstamp")),
        )


def shown(value: Any) -> Any:
    """Return what Salesforce answers without what it says about its types; records inside a record are a list."""
    if isinstance(value, Mapping):
        if "totalSize" in value and isinstance(value.get("records"), list):
            return shown(value["records"])
        return {name: shown(one) for name, one in value.items() if name != "attributes"}
    return [shown(one) for one in value] if isinstance(value, list) else value


def _along(values: Any, path: str) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def _only(sent: Sent) -> Saved:
    [saved] = sent.results
    if isinstance(saved, ConnectorError):
        raise saved
    return saved


def _moment(text: Any) -> datetime | None:
    try:
        return None if text is None else moment(str(text), "Salesforce").astimezone(UTC)
    except OverflowError as error:
        raise TemporaryError("Salesforce answered with a record of a time that there is not.") from error


def _parts(literals: Sequence[str]) -> list[list[str]]:
    """Cut a list of values into lists that each fit into an address."""
    parts: list[list[str]] = [[]]
    length = 0
    for one in literals:
        length += len(quote_plus(one)) + 3
        if length > LONGEST_LIST and parts[-1]:
            parts.append([])
            length = len(quote_plus(one)) + 3
        parts[-1].append(one)
    return parts if literals else []
