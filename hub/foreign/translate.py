"""An export of any origin in, recipes and an honest list out; it runs in the jail and believes nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import msgspec

from hub.errors import InvalidError
from hub.foreign import n8n, node_red, zapier
from hub.foreign.n8n.reading import is_workflow
from hub.foreign.node_red.reading import is_export as is_node_red
from hub.foreign.secrets import clean
from hub.foreign.shapes import Flow, Translation
from hub.foreign.weaving import Dialect, weave
from hub.foreign.zapier.reading import is_export as is_zapier

MAX_BYTES = 5_000_000
MAX_DEPTH = 60
MAX_VALUES = 300_000
MOST_RECIPES = 200


class Export(msgspec.Struct, frozen=True):
    """A file as it was given, and the names that no step may have."""

    content: bytes
    reserved: frozenset[str] = frozenset()


class Translations(msgspec.Struct, frozen=True):
    """All recipes of a file."""

    recipes: list[Translation]


def translate(export: Export) -> Translations:
    """Return the recipes in an export; raises InvalidError when it is none that is known."""
    plain = _read(export.content)
    _measure(plain)
    made = [recipe for flow, dialect in _flows(clean(plain, [])) for recipe in weave(flow, dialect, export.reserved)]
    if not made:
        raise InvalidError("There is nothing in this export that a recipe could be made of.")
    if len(made) > MOST_RECIPES:
        raise InvalidError(f"This export makes {len(made)} recipes; {MOST_RECIPES} can be made at once.")
    return Translations(made)


def _read(content: bytes) -> Any:
    if content[:4] == b"PK\x03\x04":
        content = _unpacked(content)
    if len(content) > MAX_BYTES:
        raise InvalidError(f"The export is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidError(f"This is not JSON, as exports are: {error}.") from error
    except RecursionError as error:
        raise InvalidError("The export is nested too deeply.") from error


def _unpacked(content: bytes) -> bytes:
    """Return the file of Zaps out of the archive that an account's data comes in."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            named = [one for one in archive.infolist() if one.filename.lower().endswith("zapfile.json")]
            if not named or named[0].file_size > MAX_BYTES:
                raise InvalidError("There is no zapfile.json in this archive, or it is too large.")
            with archive.open(named[0]) as file:
                return file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InvalidError("This archive cannot be opened.") from error


def _measure(plain: Any) -> None:
    """Refuse what is nested too deeply or has too many values, without recursion."""
    waiting, seen = [(plain, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_VALUES:
            raise InvalidError("The export is nested too deeply, or has too many values.")
        if isinstance(value, dict):
            waiting.extend((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1) for inner in value)


def _flows(plain: Any) -> Sequence[tuple[Flow, Dialect]]:
    if isinstance(plain, dict) and isinstance(plain.get("data"), dict):
        plain = plain["data"]  # as n8n's own interface gives it
    if is_zapier(plain):
        return [(flow, zapier.DIALECT) for flow in zapier.read(plain)]
    if is_workflow(plain):
        return [(n8n.read(plain), n8n.DIALECT)]
    if isinstance(plain, list) and plain and all(is_workflow(one) for one in plain):
        return [(n8n.read(one), n8n.DIALECT) for one in plain]
    if is_node_red(plain):
        return [(flow, node_red.DIALECT) for flow in node_red.read(plain)]
    raise InvalidError(
        "This is no export of n8n (a workflow with nodes and connections), Zapier (zaps) or Node-RED (a list of nodes)."
    )
