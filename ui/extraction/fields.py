"""What a schema calls the fields of an extraction, and how they lie together in a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hub.extraction.results import FieldResult
from hub.extraction.schemas.fields import Field, FieldType, Schema

_CELL = re.compile(r"(?P<table>[^\[]+)\[(?P<row>\d+)\](?:\.(?P<column>.+))?")


class Group(msgspec.Struct, frozen=True):
    """Fields that stand together: those of an object under its title, the others under none."""

    title: str
    paths: list[str]


class Grid(msgspec.Struct, frozen=True):
    """A table or a list: its columns by name (a list has one, of no name) and how many rows it has."""

    path: str
    title: str
    columns: list[str]
    rows: int

    def cell(self, row: int, column: str) -> str:
        """Return the path of a cell."""
        return f"{self.path}[{row}].{column}" if column else f"{self.path}[{row}]"


class Fields:
    """Titles and types of an extraction's paths, as far as the schema still knows them."""

    def __init__(self, schema: Schema | None) -> None:
        self._known: dict[str, Field] = {}
        self.learn(schema)

    def learn(self, schema: Schema | None) -> None:
        """Take titles and types from another schema."""
        self._known.clear()
        if schema:
            self._walk(schema.spec.fields, "")

    def field(self, path: str) -> Field | None:
        """Return the field at a path, None when the schema has no such field now."""
        return self._known.get(re.sub(r"\[\d+\]", "[]", path))

    def title(self, path: str) -> str:
        """Return what people call a field: the schema's title, else its name in words."""
        cell = _CELL.fullmatch(path)
        if cell:
            whole = f"{self._title(cell['table'])} {int(cell['row']) + 1}"
            column = self._title(f"{cell['table']}[].{cell['column']}")
            return f"{whole}: {column}" if cell["column"] else whole
        holder, _, _ = path.rpartition(".")
        return f"{self._title(holder)}: {self._title(path)}" if holder else self._title(path)

    def short(self, path: str) -> str:
        """Return a field's title without what it lies in."""
        return self._title(re.sub(r"\[\d+\]", "[]", path))

    def ordered(self, paths: Iterable[str]) -> list[str]:
        """Return paths in the schema's order; those it does not know come last."""
        order = {path: place for place, path in enumerate(self._known)}
        last = len(order)

        def place(path: str) -> tuple[int, int]:
            cell = _CELL.fullmatch(path)
            return order.get(re.sub(r"\[\d+\]", "[]", path), last), int(cell["row"]) if cell else 0

        return sorted(paths, key=place)

    def grids(self, paths: Iterable[str]) -> list[Grid]:
        """Return the tables and lists, empty ones too."""
        rows: dict[str, int] = {}
        seen: dict[str, list[str]] = {}
        for path in paths:
            cell = _CELL.fullmatch(path)
            if cell:
                rows[cell["table"]] = max(rows.get(cell["table"], 0), int(cell["row"]) + 1)
                columns = seen.setdefault(cell["table"], [])
                if cell["column"] and cell["column"] not in columns:
                    columns.append(cell["column"])
        known = [path for path, field in self._known.items() if field.type in {FieldType.TABLE, FieldType.LIST}]
        every = dict.fromkeys([*(one for one in known if "[" not in one), *rows])
        return [
            Grid(path, self._title(path), self._columns(path, seen.get(path, ())), rows.get(path, 0)) for path in every
        ]

    def groups(self, fields: Mapping[str, FieldResult]) -> list[Group]:
        """Return the fields outside tables in their order, those of one object together."""
        found: dict[str, Group] = {}
        for path in self.ordered(fields):
            if "[" not in path:
                holder = path.rpartition(".")[0]
                title = self._title(holder) if holder else ""
                found.setdefault(holder, Group(title, [])).paths.append(path)
        return list(found.values())

    def _columns(self, path: str, seen: Sequence[str]) -> list[str]:
        field = self._known.get(path)
        declared = [column.name for column in field.fields] if field and field.type is FieldType.TABLE else []
        return list(dict.fromkeys([*declared, *seen])) or [""]

    def _title(self, path: str) -> str:
        field = self._known.get(path)
        name = path.rpartition(".")[2].replace("[]", "")
        return (field.title if field else "") or name.replace("_", " ").capitalize()

    def _walk(self, fields: Sequence[Field], before: str) -> None:
        for field in fields:
            path = f"{before}{field.name}"
            self._known[path] = field
            if field.type is FieldType.OBJECT:
                self._walk(field.fields, f"{path}.")
            elif field.type is FieldType.TABLE:
                self._walk(field.fields, f"{path}[].")
            elif field.type is FieldType.LIST:
                self._known[f"{path}[]"] = msgspec.structs.replace(field, type=field.of)
