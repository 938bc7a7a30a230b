"""What a tool answers, as a recipe reads it: structured values, text, and files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors.sdk import Attachment, SettingsError
from connectors.sdk.texts import storable

if TYPE_CHECKING:
    from mcp import types

_EXCERPT = 300


def output_of(answer: types.CallToolResult) -> dict[str, Any]:
    """Return the structured result, the text, and pictures, sounds and resources as files."""
    return {
        "result": answer.structured_content,
        "text": _text(answer.content),
        "files": [file for number, block in enumerate(answer.content, 1) if (file := _file(block, number))],
    }


def sentence_of(answer: types.CallToolResult) -> str:
    """Return the beginning of the answer's text in one line."""
    said = " ".join(_text(answer.content).split())
    return said if len(said) <= _EXCERPT else said[:_EXCERPT].rstrip() + "…"


def raise_for_refusal(name: str, answer: types.CallToolResult) -> None:
    """Raise a `SettingsError` with the tool's own words when it says that it failed."""
    if answer.is_error:
        raise SettingsError(f"{name} refused: {sentence_of(answer) or 'it gave no reason'}")


def _text(content: Sequence[types.ContentBlock]) -> str:
    return "\n".join(storable(block.text) for block in content if block.type == "text")


def _file(block: types.ContentBlock, number: int) -> Attachment | None:
    match block.type:
        case "image" | "audio":
            return _attachment(f"{block.type}-{number}", block.mime_type, block.data)
        case "resource":
            name, resource = str(block.resource.uri).rstrip("/").rpartition("/")[2], block.resource
            if text := getattr(resource, "text", None):
                kind = resource.mime_type or "text/plain"
                return Attachment(name=storable(name), media_type=kind, content=text.encode())
            return _attachment(name, resource.mime_type or "application/octet-stream", getattr(resource, "blob", ""))
        case _:
            return None


def _attachment(name: str, media_type: str, content: str) -> Attachment:
    try:
        return Attachment(name=storable(name), media_type=media_type, content=base64.b64decode(content, validate=True))
    except binascii.Error as error:
        raise SettingsError("The tool sent a file that is no base64.") from error
