"""One bucket of Google Cloud Storage, over its JSON API (discovery document storage:v1)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.files.arrivals import Found
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of
from connectors.sdk.texts import storable_json
from connectors.stores._answers import clock, refused
from connectors.stores._google import call
from connectors.stores._objects import Content, DeniedError, MovedOnError, Page, Stored, require_addressable

T = TypeVar("T")
MOST = "1000"
WAIT = 120.0
_GONE = 404
_CHANGED = 412
_DENIED = 403
# Reasons of a 403 that are about the account and its rights; there are others, about quotas
_RIGHTS = frozenset({"forbidden", "insufficientPermissions"})
_FIELDS = "nextPageToken,items(name,size,updated,generation)"
_NAMES = "nextPageToken,items/name"


class Object(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An object as the service describes it."""

    name: str
    generation: str
    size: str = "0"
    updated: datetime | None = None
    content_type: str = ""
    metadata: Mapping[str, str] = {}


class _Objects(msgspec.Struct, frozen=True, rename="camel"):
    items: list[Object] = []
    next_page_token: str = ""


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Said(msgspec.Struct, frozen=True):
    message: str = ""
    errors: list[_Reason] = []


class _Refusal(msgspec.Struct, frozen=True):
    error: _Said = _Said()


class _Bucket(msgspec.Struct, frozen=True):
    name: str


class _Buckets(msgspec.Struct, frozen=True, rename="camel"):
    items: list[_Bucket] = []
    next_page_token: str = ""


class Gcs:
    """A bucket, or the project where no bucket is named."""

    def __init__(self, context: Context[Any, Any], bucket: str = "") -> None:
        self._context = context
        self._bucket = bucket
        self._root = context.connection.root

    async def buckets(self, project: str) -> list[str]:
        """Return the names of a project's buckets, a thousand at most."""
        query = {"project": project, "maxResults": MOST, "fields": _NAMES}
        answer = await self._ask("GET", "/storage/v1/b", query)
        return sorted(bucket.name for bucket in self._read(answer, _Buckets).items)

    async def page(self, prefix: str, after: str | None = None) -> Page:
        """Return the objects below a prefix, up to a thousand."""
        query = {"prefix": prefix, "pageToken": after or "", "maxResults": MOST, "fields": _FIELDS}
        answer = await self._ask("GET", self._path(), {name: value for name, value in query.items() if value})
        listed = self._read(answer, _Objects)
        if listed.next_page_token and listed.next_page_token == after:
            raise TemporaryError("Google Cloud Storage lists the same page again and again.")
        found = [
            Found(path=one.name, size=_number(one.size), version=one.generation, changed=one.updated)
            for one in listed.items
        ]
        return Page(objects=found, after=listed.next_page_token or None, asked=clock(answer))

    async def head(self, key: str) -> Stored | None:
        """Return what stands under a key."""
        answer = await self._ask("GET", self._path(key), {}, passes=(_GONE,))
        return None if answer.status == _GONE else self._stored(answer)

    async def read(self, key: str, version: str = "") -> bytes | None:
        """Return an object's content, of the very version that was listed."""
        query = {"alt": "media"} | ({"generation": version} if version else {})
        answer = await self._ask("GET", self._path(key), query, passes=(_GONE,))
        return None if answer.status == _GONE else answer.content

    async def put(self, content: Content, standing: Stored | None) -> Stored:
        """Write an object on the condition that nobody has written it meanwhile."""
        told = {"name": content.key, "contentType": content.media_type, "metadata": content.metadata}
        boundary = secrets.token_hex(16)
        head = f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n".encode()
        between = f"\r\n--{boundary}\r\nContent-Type: {content.media_type}\r\n\r\n".encode()
        body = head + msgspec.json.encode(told) + between + content.body + f"\r\n--{boundary}--\r\n".encode()
        query = {"uploadType": "multipart", "ifGenerationMatch": standing.version if standing else "0"}
        answer = await self._ask(
            "POST",
            f"/upload{self._path()}",
            query,
            passes=(_CHANGED,),
            headers={"Content-Type": f"multipart/related; boundary={boundary}"},
            body=body,
        )
        if answer.status == _CHANGED:
            raise MovedOnError
        return self._stored(answer, uncertain=True)

    async def restore(self, former: Stored, standing: Stored) -> Stored:
        """Copy the former generation over the object, which makes it the newest one again."""
        path = f"{self._path(former.key)}/copyTo/b/{self._bucket}/o/{quote(standing.key, safe='')}"
        query = {"sourceGeneration": former.version, "ifGenerationMatch": standing.version}
        answer = await self._ask("POST", path, query, passes=(_GONE, _CHANGED))
        if answer.status == _GONE:
            raise SettingsError(f"The bucket has kept no former version of {former.key}, so it stays as it is.")
        if answer.status == _CHANGED:
            raise SettingsError(f"{standing.key} was written by somebody else at this moment, so it stays as it is.")
        return self._stored(answer, uncertain=True)

    async def delete(self, standing: Stored) -> None:
        """Remove an object, where it still is the one that was looked at."""
        query = {"ifGenerationMatch": standing.version}
        answer = await self._ask("DELETE", self._path(standing.key), query, passes=(_GONE, _CHANGED))
        if answer.status == _CHANGED:
            raise SettingsError(f"{standing.key} was written by somebody else at this moment, so it stays as it is.")

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        passes: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Send a request; a 404 that does not pass means that the bucket is missing."""
        options = Options(headers=dict(headers or {}), timeout=WAIT, accepts=(*passes, _GONE, _DENIED))
        if body:
            options["content"] = body
        address = f"{self._root}{path}"
        if query:
            address += f"?{urlencode(query)}"
        answer = await call(self._context, method, address, options)
        if answer.status == _DENIED:
            raise _denied(host_of(self._root), answer)
        if answer.status == _GONE and _GONE not in passes:
            raise SettingsError(f"There is no bucket {self._bucket}, or the account may not know of it.")
        return answer

    def _path(self, key: str | None = None) -> str:
        if key is None:
            return f"/storage/v1/b/{self._bucket}/o"
        require_addressable(key)
        return f"/storage/v1/b/{self._bucket}/o/{quote(key, safe='')}"

    def _stored(self, answer: Response, *, uncertain: bool = False) -> Stored:
        found = self._read(answer, Object, uncertain=uncertain)
        return Stored(
            key=found.name,
            size=_number(found.size),
            version=found.generation,
            kept=found.generation,
            media_type=found.content_type,
            changed=found.updated,
            metadata={name.lower(): value for name, value in found.metadata.items()},
        )

    def _read(self, answer: Response, kind: type[T], *, uncertain: bool = False) -> T:
        try:
            return msgspec.json.decode(storable_json(answer.content), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TemporaryError(
                f"{host_of(self._root)} sent an answer that cannot be read.", uncertain=uncertain
            ) from error


def _denied(host: str, answer: Response) -> Exception:
    try:
        said = msgspec.json.decode(answer.content, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Said()
    if any(one.reason in _RIGHTS for one in said.errors):
        return DeniedError(f"{host} does not let this account do that ({said.message.rstrip('.')}). Allow it there.")
    return refused(host, answer, said.message)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
