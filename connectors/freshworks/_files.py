"""Bodies of requests with files beside them."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sdk import Context, SettingsError
from connectors.sdk.files.outgoing import segment
from connectors.sdk.network.http import Options
from connectors.sdk.network.multipart import Upload, form

UPLOAD_SECONDS = 120.0


async def uploads(context: Context[Any, Any], given: Any) -> list[Upload]:
    """Return the files that a setting names, not larger together than the service takes."""
    several = given if isinstance(given, (list, tuple)) else [given]
    found: list[Upload] = []
    for one in several:
        if one in (None, ""):
            continue
        told = one if isinstance(one, Mapping) else {"file": str(one)}
        if told.get("problem"):
            raise SettingsError(f"There is no file to send: {told['problem']}")
        name = segment(str(told.get("name") or "")) or "attachment"
        media_type = str(told.get("media_type") or mimetypes.guess_type(name)[0] or "application/octet-stream")
        content = await context.files.open(str(told.get("file") or ""))
        found.append(Upload(name=name, content=content, media_type=media_type))
        most = context.connection.product.largest_files
        if sum(len(upload.content) for upload in found) > most:
            raise SettingsError(f"The files have more than {most // 1024 // 1024} MB together.")
    return found


def carried(body: Mapping[str, Any], files: Sequence[Upload]) -> Options:
    """Return a request that carries a body, as a form where files go with it."""
    if not files:
        return Options(json=dict(body))
    options = form(_flat(body), [("attachments[]", file) for file in files])
    options["timeout"] = UPLOAD_SECONDS
    return options


def _flat(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write a body as the fields of a form: lists as name[], the account's own fields as custom_fields[name]."""
    fields: list[tuple[str, str]] = []
    for name, value in body.items():
        if isinstance(value, Mapping):
            fields += [(f"{name}[{inner}]", _text(one)) for inner, one in value.items() if one is not None]
        elif isinstance(value, (list, tuple)):
            fields += [(f"{name}[]", _text(one)) for one in value]
        elif value is not None:
            fields.append((name, _text(value)))
    return fields


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
