"""Dropbox's official SDK on the hub's own transport: its methods, arguments and answers, each call a coroutine."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any

import msgspec
from dropbox import files
from dropbox.base import DropboxBase
from stone.backends.python_rsrc import stone_serializers
from stone.backends.python_rsrc.stone_validators import ValidationError

from connectors.dropbox.connection import Connection
from connectors.sdk import Context, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.http import Options, Response

stone: Any = stone_serializers  # typed in name only

TRANSFER_SECONDS = 300.0
# Dropbox answers a wait up to 90 seconds later than it was asked to
LATER_SECONDS = 100.0
UNAUTHORIZED, REFUSED = 401, 409
DEEPEST, LONGEST_WORD = 6, 60
_SAID = {
    "not_found": "There is nothing at this place in Dropbox",
    "not_file": "This is a folder in Dropbox, not a file",
    "not_folder": "This is a file in Dropbox, not a folder",
    "restricted_content": "Dropbox does not hand out this file",
    "malformed_path": "Dropbox does not accept this path",
    "disallowed_name": "Dropbox does not accept this name",
    "file": "There is already such a file in Dropbox",
    "folder": "There is a folder of this name in Dropbox",
    "file_ancestor": "A part of this path is a file in Dropbox, so there can be no folder",
    "insufficient_space": "There is no space left in this Dropbox",
    "no_write_permission": "This account may not write there in Dropbox",
    "access_restricted": "This account may not write there in Dropbox",
    "team_folder": "A team's folder in Dropbox cannot be changed like this",
    "payload_too_large": "The file is too large for Dropbox",
    "invalid_revision": "Dropbox no longer keeps this version",
}
_AGAIN = ("too_many_write_operations", "content_hash_mismatch", "in_progress", "locked")


class RefusalError(SettingsError):
    """What Dropbox refuses in its own typed words, outermost first, such as `("path", "conflict", "file")`."""

    def __init__(self, words: tuple[str, ...]) -> None:
        said = next((_SAID[word] for word in reversed(words) if word in _SAID), "Dropbox refuses this")
        super().__init__(f"{said} ({'/'.join(words)}).")
        self.words = words


class Client(DropboxBase):  # type: ignore[misc]  # the SDK ships no types
    """All the methods of the SDK, such as `await client.files_list_folder("")`; a download gives metadata and bytes."""

    def __init__(self, context: Context[Connection, Any]) -> None:
        self._context = context

    def request(  # the SDK's signature
        self,
        route: Any,
        namespace: str,
        request_arg: Any,
        request_binary: bytes | None,
        timeout: float | None = None,
        extra_headers: dict[str, str] | None = None,
    ) -> Awaitable[Any]:
        """Send what one of the SDK's methods asks for; every method goes through here."""
        argument = stone.json_encode(route.arg_type, request_arg)
        style = route.attrs["style"] or "rpc"
        options = Options(headers=dict(extra_headers or {}), timeout=timeout or TRANSFER_SECONDS)
        if style == "rpc":
            options["headers"] = {**options["headers"], "Content-Type": "application/json"}
            options["content"] = argument
        else:
            options["headers"] = {**options["headers"], "Dropbox-API-Arg": argument.replace("\x7f", "\\u007f")}
        if style == "upload":
            options["headers"] = {**options["headers"], "Content-Type": "application/octet-stream"}
            options["content"] = request_binary or b""
        if route is files.list_folder_longpoll:
            options["timeout"] = request_arg.timeout + LATER_SECONDS
        return self._send(route, namespace, options)

    async def _send(self, route: Any, namespace: str, options: Options) -> Any:
        name = route.name if route.version == 1 else f"{route.name}_v{route.version}"
        door = self._context.connection.door(route.attrs["host"] or "api")
        url = f"{door}/2/{namespace}/{name}"
        if route.attrs["auth"] == "noauth":
            answer = await self._context.http.post(url, **Options(**options, accepts=(REFUSED,)))
        else:
            answer = await self._authorized(url, options)
        if answer.status == REFUSED:
            raise _refusal(_words(answer.content))
        if route.attrs["style"] == "download":
            told = answer.headers.get("Dropbox-API-Result", "")
            return _decoded(route.result_type, _json(told)), answer.content
        return _decoded(route.result_type, answer.json())

    async def _authorized(self, url: str, options: Options) -> Response:
        """Send a request under a token; one that is no longer good is renewed once."""
        token = await self._context.access_token()
        answer = await self._post(url, options, token, (UNAUTHORIZED, REFUSED))
        if answer.status != UNAUTHORIZED:
            return answer
        words = _words(answer.content)
        if words[:1] == ("missing_scope",):
            raise CredentialsError(
                f"The app may not do this in Dropbox: it lacks the permission {words[-1]}. "
                "Tick it under Permissions in the App Console, press Submit, and connect again."
            )
        renewed = await self._context.access_token(refused=token)
        answer = await self._post(url, options, renewed, (UNAUTHORIZED, REFUSED))
        if answer.status == UNAUTHORIZED:
            raise CredentialsError(f"Dropbox does not let this account in ({'/'.join(words)}). Connect again.")
        return answer

    async def _post(self, url: str, options: Options, token: str, accepts: tuple[int, ...]) -> Response:
        asked = Options(**options, accepts=accepts)
        asked["headers"] = {**options["headers"], "Authorization": f"Bearer {token}"}
        return await self._context.http.post(url, **asked)


def _refusal(words: tuple[str, ...]) -> SettingsError | TemporaryError:
    if any(word in _AGAIN for word in words):
        return TemporaryError(f"Dropbox cannot do this just now ({'/'.join(words)}).")
    return RefusalError(words)


def _words(content: bytes) -> tuple[str, ...]:
    """Read the cases of a typed error from the outermost on; the SDK would refuse the one called "other"."""
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        answer = None
    error = answer.get("error") if isinstance(answer, dict) else None
    words: list[str] = []
    while isinstance(error, dict) and len(words) < DEEPEST:
        words.append(str(error.get(".tag")))
        error = next((error[name] for name in (words[-1], "reason", "required_scope") if name in error), None)
    if isinstance(error, str):
        words.append(error)
    return tuple(re.sub(r"[^\w.]", "", word)[:LONGEST_WORD] for word in words) or ("other",)


def _decoded(kind: Any, told: Any) -> Any:
    """Read an answer as the SDK's own description says; what it does not know yet is passed over."""
    try:
        return stone.json_compat_obj_decode(kind, told, strict=False)
    except (ValidationError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise TemporaryError("Dropbox sent an answer that cannot be read.") from error


def _json(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise TemporaryError("Dropbox sent an answer that cannot be read.") from error
