"""What callers send, read by what it says it is: JSON, a form, or anything else as text or file."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from connectors.sdk import Attachment, SettingsError, WebhookRequest
from connectors.webhook.forms import read_form

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 1000


class NoJsonError(SettingsError):
    """The body is not JSON."""


def read_body(request: WebhookRequest) -> Any:
    """Return the body as values; what only looks like JSON is read as what its type says."""
    body = request.body
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return _json(body)
    # Command lines send JSON as a form unless told otherwise; a form never begins with a bracket.
    if kind in ("", "text/plain", FORM) and body.lstrip()[:1] in (b"{", b"["):
        with suppress(NoJsonError):
            return _json(body)
    if kind == FORM:
        return _form(body)
    if kind == "multipart/form-data":
        return _together(read_form(body, request.headers["content-type"]))
    return _raw(body, kind)


def _json(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoJsonError(f"The body is not valid JSON: {str(error)[:100]}.") from error
    if b"\\u0000" in body and _has_nul(value):
        raise SettingsError("The body holds a NUL character, which cannot be stored.")
    return value


def _has_nul(value: Any) -> bool:
    return "\0" in msgspec.json.encode(value).decode().replace("\\\\", "").replace("\\u0000", "\0")


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise SettingsError("The form in the body cannot be read.") from error
    return _together([(name, value.replace("\0", "")) for name, value in pairs])


def _together(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping in which a name given several times holds a list."""
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: several[0] if len(several) == 1 else several for name, several in values.items()}


def _raw(body: bytes, kind: str) -> Any:
    if not kind or kind.startswith("text/") or kind.endswith(("xml", "yaml", "csv")):
        try:
            return body.decode().replace("\0", "")
        except UnicodeDecodeError:
            return body.decode("latin-1").replace("\0", "")
    return Attachment(name="body", media_type=kind, content=body)
