"""SQL as text: names that are quoted, and `:names` that become parameters without being pasted in."""

from __future__ import annotations

import re

from connectors.sdk import SettingsError
from connectors.sdk.records.sql import Statement

LONGEST_NAME = 63

# strings, quoted names, dollar quotes, comments and casts are passed over; what is left of `:name` is a parameter
_PIECES = re.compile(
    r"""
      (?P<escaped>\b[eE]'(?:[^'\\]|''|\\.)*')
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$)
    | (?P<line>--[^\n]*)
    | (?P<block>/\*)
    | (?P<cast>::)
    | (?P<number>\$\d+)
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")


def with_parameters(sql: str) -> Statement:
    """Turn `:name` into $n; the same name is one parameter wherever it stands."""
    written: list[str] = []
    names: list[str] = []
    position = 0
    while found := _PIECES.search(sql, position):
        written.append(sql[position : found.start()])
        position = found.end()
        if found["name"]:
            if found["name"] not in names:
                names.append(found["name"])
            written.append(f"${names.index(found['name']) + 1}")
        elif found["number"]:
            raise SettingsError(f"Write :name with a value in params instead of {found['number']}.")
        else:
            position = _end_of_comment(sql, found.end()) if found["block"] else found.end()
            written.append(sql[found.start() : position])
    return Statement("".join([*written, sql[position:]]), tuple(names))


def quoted(name: str) -> str:
    """Quote one name so that it can be nothing but a name."""
    if not name or "\0" in name or len(name.encode()) > LONGEST_NAME:
        raise SettingsError(f"{name[:70]!r} is not a name that PostgreSQL can have.")
    return '"' + name.replace('"', '""') + '"'


def quoted_table(table: str) -> str:
    """Quote `table` or `schema.table`."""
    parts = table.split(".")
    if len(parts) > 2:
        raise SettingsError(f"Write the table as name or as schema.name, not as {table!r}.")
    return ".".join(quoted(part) for part in parts)


def _end_of_comment(sql: str, position: int) -> int:
    depth = 1
    while depth:
        edge = _BLOCK_EDGE.search(sql, position)
        if edge is None:
            return len(sql)
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position
