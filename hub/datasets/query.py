"""Which rows of a dataset to list and in which order, as one statement; a page is found again by its last row."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from hub.database import Row
from hub.datasets.shape import Column, Dataset
from hub.datasets.views import RecordPage, record_of
from hub.errors import InvalidError, NotFoundError, Problem
from hub.ids import parse, show

MOST = 500
MOST_FILTERS = 20
# Of longer texts this much decides their order.
COMPARED = 200
Operator = Literal["contains", "equals", "not_equals", "at_least", "at_most", "is_empty", "is_set"]


class ColumnFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a column must say."""

    column: str
    operator: Operator = msgspec.field(default="contains", name="is")
    value: str = ""


class RowQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: `search` is part of any value or `column:value`; `order` is a column, with a minus falling."""

    filters: Sequence[ColumnFilter] = ()
    search: str = ""
    order: str = ""
    cursor: str | None = None
    limit: int = 50

    @property
    def size(self) -> int:
        """How many rows a page has."""
        return max(1, min(self.limit, MOST))


class Place(msgspec.Struct, frozen=True):
    """Where a page ended: the row, and its value in the column that orders, if any."""

    row: str
    empty: bool = False
    value: str = ""


def select(dataset: Dataset, wanted: RowQuery, place: Place | None) -> tuple[Any, ...]:
    """Return the statement for a page and one row more, with its arguments."""
    arguments: list[Any] = [dataset.id]
    conditions = ["dataset = $1"]
    search, filters = _searched(dataset, wanted)
    if search:
        arguments.append(search.lower())
        conditions.append(f"position(${len(arguments)} in lower(content::text)) > 0")
    conditions += [_condition(dataset, one, arguments) for one in _checked(dataset, filters)]
    column, falls = _order(dataset, wanted.order)
    ordered, shown = "id desc", "'' as sorted, false as empty"
    if column is not None:
        arguments.append(column.name)
        value = _comparable(column, f"${len(arguments)}")
        way = "desc" if falls else "asc"
        ordered = f"({value} is null), {value} {way}, id {way}"
        shown = f"({value})::text as sorted, {value} is null as empty"
    if place is not None:
        conditions.append(_after(column, place, arguments, falls=falls))
    where = " and ".join(conditions)
    # names and values are arguments; only their numbers are written in
    sql = f"""
select id, content::text as content, revision, created_at, changed_at, item, run, step, {shown} from dataset_rows
where {where} order by {ordered} limit {wanted.size + 1:d}"""  # noqa: S608  # see above
    return sql, *arguments


def page_of(dataset: Dataset, wanted: RowQuery, rows: Sequence[Row]) -> RecordPage:
    """Make the page of what the statement gave."""
    cursor = None
    if len(rows) > wanted.size:
        last = rows[wanted.size - 1]
        cursor = show("rec", last["id"])
        if _order(dataset, wanted.order)[0] is not None:
            place = Place(cursor, bool(last["empty"]), last["sorted"] or "")
            cursor = base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")
    return RecordPage(items=[record_of(row) for row in rows[: wanted.size]], cursor=cursor)


def opened(dataset: Dataset, wanted: RowQuery) -> Place | None:
    """Read a cursor; InvalidError when it is not of this list."""
    if not wanted.cursor:
        return None
    try:
        if _order(dataset, wanted.order)[0] is None:
            parse("rec", wanted.cursor)
            return Place(wanted.cursor)
        text = base64.urlsafe_b64decode(wanted.cursor + "=" * (-len(wanted.cursor) % 4))
        place = msgspec.json.decode(text, type=Place)
        parse("rec", place.row)
    except (NotFoundError, msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise InvalidError("This cursor is not from this list.") from error
    return place


def _searched(dataset: Dataset, wanted: RowQuery) -> tuple[str, Sequence[ColumnFilter]]:
    """Return what is looked for in any value, and in single columns."""
    column, colon, value = wanted.search.partition(":")
    if colon and column in {known.name for known in dataset.columns}:
        return "", [*wanted.filters, ColumnFilter(column=column, value=value)]
    return wanted.search.strip(), wanted.filters


def _checked(dataset: Dataset, filters: Sequence[ColumnFilter]) -> Sequence[ColumnFilter]:
    known = {column.name for column in dataset.columns}
    unknown = [one.column for one in filters if one.column not in known]
    if unknown or len(filters) > MOST_FILTERS:
        message = f"There is no column {unknown[0][:100]}." if unknown else f"At most {MOST_FILTERS} filters."
        raise InvalidError(message, errors=[Problem("where", message)])
    return filters


def _order(dataset: Dataset, order: str) -> tuple[Column | None, bool]:
    """Return the column that orders, None for the order in which rows came, and whether it falls."""
    if not order:
        return None, True
    columns = {column.name: column for column in dataset.columns}
    name, falls = (order, False) if order in columns else (order.removeprefix("-"), order.startswith("-"))
    if name not in columns:
        message = f"There is no column {name[:100]}."
        raise InvalidError(message, errors=[Problem("order", message)])
    return columns[name], falls


def _comparable(column: Column, name: str) -> str:
    """Return the expression by which a column is compared: numbers as numbers, all else as text."""
    if column.type == "number":
        return f"(case when jsonb_typeof(content->{name}::text) = 'number' then (content->>{name}::text)::numeric end)"
    return f"left(lower(content->>{name}::text), {COMPARED})"


def _condition(dataset: Dataset, one: ColumnFilter, arguments: list[Any]) -> str:
    kinds = {column.name: column for column in dataset.columns}
    arguments.append(one.column)
    name = f"${len(arguments)}"
    if one.operator in {"is_empty", "is_set"}:
        return f"coalesce(content->>{name}::text, '') {'=' if one.operator == 'is_empty' else '<>'} ''"
    if one.operator in {"at_least", "at_most"}:
        return _bound(kinds[one.column], one, arguments, name)
    arguments.append(one.value.strip().lower())
    said, value = f"lower(coalesce(content->>{name}::text, ''))", f"${len(arguments)}::text"
    if one.operator == "contains":
        return f"position({value} in {said}) > 0"
    return f"{said} {'=' if one.operator == 'equals' else '<>'} {value}"


def _bound(column: Column, one: ColumnFilter, arguments: list[Any], name: str) -> str:
    sign = ">=" if one.operator == "at_least" else "<="
    value = one.value.strip()
    if column.type == "number":
        try:
            number = float(value)
        except ValueError as error:
            message = f"{column.name}: {value[:40]!r} is no number."
            raise InvalidError(message, errors=[Problem("where", message)]) from error
        arguments.append(number)
        return f"{_comparable(column, name)} {sign} ${len(arguments)}::float8::numeric"
    arguments.append(value.lower())
    return f"{_comparable(column, name)} {sign} ${len(arguments)}::text"


def _after(column: Column | None, place: Place, arguments: list[Any], *, falls: bool) -> str:
    """Return what holds for the rows after a place; rows without a value come last either way."""
    arguments.append(_id_of(place))
    row = f"${len(arguments)}::uuid"
    sign = "<" if falls else ">"
    if column is None:
        return f"id < {row}"
    value = _comparable(column, f"${len(arguments) - 1}")
    if place.empty:
        return f"({value} is null and id {sign} {row})"
    arguments.append(place.value)
    kind = "numeric" if column.type == "number" else "text"
    return f"({value} is null or ({value}, id) {sign} (${len(arguments)}::text::{kind}, {row}))"


def _id_of(place: Place) -> UUID:
    return parse("rec", place.row)
