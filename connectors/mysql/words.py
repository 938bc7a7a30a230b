"""SQL of MySQL as text: names that are quoted, and `:names` that become parameters without being pasted in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from connectors.sdk import SettingsError
from connectors.sdk.records.sql import Statement, named_parameters

LONGEST_NAME = 64

# strings, quoted names and comments are passed over; what is left of `:name` is a parameter
_PIECES = re.compile(
    r"""
      (?P<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<refused>/\*M?!|\binto(?>\s|/\*.*?\*/|(?:--\s|\#)[^\n]*+)++(?:out|dump)file\b|;(?=\s*\S))
    | (?P<comment>--(?=\s|$)[^\n]*|\#[^\n]*|/\*.*?(?:\*/|$))
    | (?P<given>:=)
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ASKING = re.compile(r"\s*\(*\s*(?:select|with|show|describe|desc|explain|values|table)\b", re.IGNORECASE)


def with_parameters(sql: str, lists: Mapping[str, int] = MappingProxyType({})) -> Statement:
    """Turn `:name` into the driver's marks, several for a list; refuses what is more than one question."""

    def mark(names: list[str], name: str) -> str:
        names.append(name)
        return f"({', '.join(['%s'] * lists[name])})" if name in lists else "%s"

    if not _ASKING.match(sql):
        raise SettingsError("A lookup only reads: begin with select; use mysql.write_rows to write.")
    return named_parameters(sql.replace("%", "%%"), _PIECES, mark)


def quoted(name: str) -> str:
    """Quote one name so that it can be nothing but a name."""
    if not name or "\0" in name or len(name) > LONGEST_NAME or name.endswith(" "):
        raise SettingsError(f"{name[:70]!r} is not a name that MySQL can have.")
    return "`" + name.replace("`", "``") + "`"


def marked(name: str) -> str:
    """Quote a name for a statement that the driver fills in."""
    return quoted(name).replace("%", "%%")


def quoted_table(table: str) -> str:
    """Quote `table` or `database.table`."""
    parts = table.split(".")
    if len(parts) > 2:
        raise SettingsError(f"Write the table as name or as database.name, not as {table!r}.")
    return ".".join(quoted(part) for part in parts)
