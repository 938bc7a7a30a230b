"""The schemas that come with Patchdeck; they are always there under their names."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from hub.errors import NotFoundError
from hub.extraction.schemas.document import parse_schema
from hub.extraction.schemas.fields import Schema

_FOLDER = files("hub.extraction.schemas") / "starters"


@cache
def starter_names() -> tuple[str, ...]:
    """Return the names of all starter schemas, in alphabetical order."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in _FOLDER.iterdir() if entry.name.endswith(".yaml"))
    )


@cache
def starter(name: str) -> Schema:
    """Return the starter schema of this name; raises NotFoundError naming those there are."""
    wanted = name.replace("-", "_")
    if wanted not in starter_names():
        raise NotFoundError(f"There is no schema {name[:80]!r}. Starter schemas: {', '.join(starter_names())}.")
    return parse_schema((_FOLDER / f"{wanted}.yaml").read_text("utf-8"))
