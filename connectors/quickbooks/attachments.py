"""The document itself, attached to the bill or invoice that was read out of it."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.quickbooks.connection import call, encoded, shaped
from connectors.quickbooks.faults import refusal
from connectors.quickbooks.query import ask, condition, select
from connectors.quickbooks.sending import request_id
from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.files.outgoing import Outgoing, attached
from connectors.sdk.network.multipart import Upload, form

LARGEST_FILE = 100 * 1024 * 1024
# How long the largest file may take
SECONDS = 120.0


class _Answers(msgspec.Struct):
    items: list[dict[str, Any]] = msgspec.field(name="AttachableResponse")


async def attach(context: Context[Any, Any], thing: str, identity: str, key: str) -> None:
    """Attach the file of the settings, where there is one; what is booked stays booked when this fails."""
    if context.settings.file in (None, ""):
        return
    try:
        await _send(context, thing, identity, key, await _file(context))
    except TemporaryError as error:
        # Whether it is attached is looked up before this is tried again
        raise TemporaryError(_told(thing, error), retry_after=error.retry_after, uncertain=True) from error
    except SettingsError as error:
        raise SettingsError(_told(thing, error)) from error


async def has_attachment(context: Context[Any, Any], thing: str, identity: str) -> bool:
    """Tell whether the file of the settings is attached, where there is one."""
    if context.settings.file in (None, ""):
        return True
    name = (await _file(context)).name
    conditions = [
        condition("AttachableRef.EntityRef.Type", thing),
        condition("AttachableRef.EntityRef.value", identity),
    ]
    found = await ask(context, "Attachable", select("Attachable", conditions))
    return any(one.get("FileName") == name for one in found)


async def _file(context: Context[Any, Any]) -> Outgoing:
    return await attached(context.files, context.settings.file)


async def _send(context: Context[Any, Any], thing: str, identity: str, key: str, file: Outgoing) -> None:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    about = {
        "AttachableRef": [{"EntityRef": {"type": thing, "value": identity}}],
        "FileName": file.name,
        "ContentType": kind,
    }
    parts = {
        "file_metadata_01": Upload(name="attachment.json", content=encoded(about), media_type="application/json"),
        "file_content_01": Upload(name=file.name, content=file.content, media_type=kind),
    }
    options = form({}, parts)
    options |= {"params": {"requestid": request_id(key, "upload", about)}, "timeout": SECONDS}
    for item in shaped(await call(context, "POST", "upload", options), _Answers).items:
        refused = refusal(item)
        if refused is not None:
            raise refused
        if isinstance(item.get("Attachable"), Mapping):
            return
    raise TemporaryError("QuickBooks answered an upload without the attachment.", uncertain=True)


def _told(thing: str, error: ConnectorError) -> str:
    return f"The {thing.lower()} is booked, but its file is not attached yet: {error.message}"
