"""One bucket of a service that speaks as Amazon S3 does, after the Amazon S3 API reference."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from connectors.sdk import Context, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.http import Options, Response
from connectors.stores._answers import clock, http_date, listing, refusal, refused
from connectors.stores._objects import (
    Content,
    DeniedError,
    MovedOnError,
    Page,
    Stored,
    UnreadableError,
    require_addressable,
)
from connectors.stores._signing import Keys, Question, encoded, signed_headers, signed_query

META = "x-amz-meta-"
WAIT = 120.0
_KEYS_REFUSED = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"})
_ELSEWHERE = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException"})
# Archived objects must be restored before anybody can read them
_ARCHIVED = "InvalidObjectState"
_TAKEN = frozenset({409, 412})
_UNKNOWN = frozenset({404})


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a bucket's requests go: scheme and host, and the beginning of each path."""

    scheme: str
    host: str
    path: str

    @property
    def origin(self) -> str:
        """Scheme and host."""
        return f"{self.scheme}://{self.host}"


def place(endpoint: str, style: str, bucket: str = "") -> Place:
    """Return where requests about a bucket go; without one, those about the account."""
    split = urlsplit(endpoint)
    before = split.path.rstrip("/")
    if not bucket or style == "path":
        return Place(scheme=split.scheme, host=split.netloc, path=f"{before}/{bucket}".rstrip("/"))
    return Place(scheme=split.scheme, host=f"{bucket}.{split.netloc}", path=before)


class S3:
    """A bucket, or the account where no bucket is named."""

    def __init__(self, context: Context[Any, Any], keys: Keys | None, at: Place, bucket: str = "") -> None:
        self._context = context
        self._keys = keys
        self._at = at
        self._bucket = bucket

    async def buckets(self) -> list[str]:
        """Return the names of the account's buckets."""
        return (await listing(self._context, await self._ask("GET", ""))).names

    async def page(self, prefix: str, after: str | None = None) -> Page:
        """Return the objects below a prefix, up to a thousand; `after` is the store's own mark."""
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix, "continuation-token": after or ""}
        answer = await self._ask("GET", "", query={name: value for name, value in query.items() if value})
        found = await listing(self._context, answer)
        if found.more and found.marker in {"", after}:
            raise TemporaryError(f"{self._at.host} says that there is more to list, and does not list it.")
        return Page(objects=found.objects, after=found.marker or None, asked=clock(answer))

    async def head(self, key: str) -> Stored | None:
        """Return what stands under a key."""
        answer = await self._ask("HEAD", key, passes=_UNKNOWN)
        return None if answer.status in _UNKNOWN else self._stored(key, answer)

    async def read(self, key: str, version: str = "") -> bytes | None:
        """Return an object's content."""
        headers = {"If-Match": f'"{version}"'} if version else {}
        answer = await self._ask("GET", key, headers=headers, passes=_UNKNOWN | _TAKEN)
        if answer.status in _UNKNOWN and refusal(answer.content)[0] == "NoSuchBucket":
            raise self._refused(answer)
        return None if answer.status in _UNKNOWN | _TAKEN else answer.content

    async def put(self, content: Content, standing: Stored | None) -> Stored:
        """Write an object on the condition that nobody has written it meanwhile."""
        condition = {"If-Match": f'"{standing.version}"'} if standing else {"If-None-Match": "*"}
        own = {META + name: quote(value, safe=" !#$&'()*+,/:;=?@[]~") for name, value in content.metadata.items()}
        headers = {**own, **condition, "Content-Type": content.media_type}
        answer = await self._ask("PUT", content.key, headers=headers, body=content.body, passes=_TAKEN | _UNKNOWN)
        if answer.status in _UNKNOWN and (standing is None or refusal(answer.content)[0] == "NoSuchBucket"):
            raise self._refused(answer)
        if answer.status in _TAKEN | _UNKNOWN:
            raise MovedOnError
        written = self._stored(content.key, answer, uncertain=True)
        return msgspec.structs.replace(written, size=len(content.body), media_type=content.media_type)

    async def restore(self, former: Stored, standing: Stored) -> Stored:
        """Copy the former version over the object, which makes it the newest one again."""
        if not former.kept or former.kept == "null":
            raise SettingsError(f"The bucket keeps no former versions, so {former.key} stays as it is.")
        source = f"/{self._bucket}/{quote(former.key, safe='/-_.~')}?versionId={quote(former.kept, safe='')}"
        headers = {"x-amz-copy-source": source, "x-amz-copy-source-if-match": f'"{former.version}"'}
        answer = await self._ask("PUT", standing.key, headers=headers, passes=_UNKNOWN | _TAKEN)
        if answer.status in _UNKNOWN | _TAKEN:
            raise SettingsError(f"The former version of {former.key} is no longer in the bucket.")
        restored = await self.head(standing.key)
        if restored is None:
            raise SettingsError(f"{standing.key} was removed at this moment.")
        return restored

    async def delete(self, standing: Stored) -> None:
        """Remove an object; a bucket that keeps versions keeps this one too."""
        await self._ask("DELETE", standing.key, passes=_UNKNOWN)

    async def link(self, key: str, seconds: int) -> str:
        """Return a signed address."""
        if self._keys is None:
            raise SettingsError("A link needs a connection with keys, as it is signed with them.")
        question = Question(method="GET", host=self._at.host, path=self._path(key))
        query = signed_query(self._keys, question, seconds, datetime.now(UTC))
        return f"{self._at.origin}{question.path}?{encoded(query)}"

    async def _ask(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        passes: Collection[int] = (),
    ) -> Response:
        """Send a signed request; refusals are raised but for the statuses that pass."""
        question = Question(method=method, host=self._at.host, path=self._path(key), query=query or {})
        sent = {**(headers or {}), "Accept-Encoding": "identity"}
        if self._keys is not None:
            # The digest of a large body takes a while
            sent = await asyncio.to_thread(signed_headers, self._keys, question, sent, body, datetime.now(UTC))
        options = Options(headers=sent, accepts=range(300, 600), timeout=WAIT)
        if body:
            options["content"] = body
        address = f"{self._at.origin}{question.path}"
        if query:
            address += f"?{encoded(query)}"
        answer = await self._context.http.request(method, address, **options)
        if answer.status >= 300 and answer.status not in passes:
            raise self._refused(answer)
        return answer

    def _path(self, key: str) -> str:
        if key:
            require_addressable(key)
        return f"{self._at.path}/{quote(key, safe='/-_.~')}" if key or not self._bucket else self._at.path or "/"

    def _refused(self, answer: Response) -> Exception:
        """Say what a refusal means, by its code where it has one."""
        code, message = refusal(answer.content)
        told = _told(code, self._at.host, self._bucket, f" ({message})" if message else "")
        if told is not None:
            return told
        if code in _ELSEWHERE or answer.status == 301:
            region = answer.headers.get("x-amz-bucket-region", "")
            named = f" It is in {region}." if region else ""
            return SettingsError(f"The bucket {self._bucket} is in another region than the connection says.{named}")
        return refused(self._at.host, answer, message)

    def _stored(self, key: str, answer: Response, *, uncertain: bool = False) -> Stored:
        headers = answer.headers
        if not headers.get("ETag"):
            raise TemporaryError(f"{self._at.host} does not say what stands under {key}.", uncertain=uncertain)
        length = headers.get("Content-Length", "0")
        metadata = {name.lower(): value for name, value in headers.items()}
        return Stored(
            key=key,
            size=int(length) if length.isdecimal() else 0,
            version=headers["ETag"].strip('"'),
            kept=headers.get("x-amz-version-id", ""),
            media_type=headers.get("Content-Type", ""),
            changed=http_date(headers.get("Last-Modified")),
            metadata={name.removeprefix(META): value for name, value in metadata.items() if name.startswith(META)},
        )


def _told(code: str, host: str, bucket: str, said: str) -> Exception | None:
    """Return what a code means whose status does not tell it."""
    if code == "NoSuchBucket":
        return SettingsError(f"There is no bucket {bucket} at {host}.")
    if code in _KEYS_REFUSED:
        return CredentialsError(f"{host} does not accept the keys{said}. Connect again with keys that are valid.")
    if code == "AccessDenied":
        return DeniedError(f"{host} does not let these keys do that{said}. Allow it there, or connect with others.")
    if code == "RequestTimeTooSkewed":
        return TemporaryError("The clock of the hub's machine is wrong, so the store takes no signature of it.")
    if code == _ARCHIVED:
        return UnreadableError("The object is archived; restore it in the store before it can be read.")
    return None
