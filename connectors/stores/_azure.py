"""One container of Azure Blob Storage, over its REST API (version 2021-12-02)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from yarl import URL

from connectors.sdk import Context, CredentialsError, Secret, SettingsError, TemporaryError
from connectors.sdk.network.http import Options, Response
from connectors.stores._answers import clock, http_date, listing, refusal, refused
from connectors.stores._objects import Content, DeniedError, MovedOnError, Page, Stored, require_addressable
from connectors.stores._signing import encoded

VERSION = "2021-12-02"
META = "x-ms-meta-"
WAIT = 120.0
_UNKNOWN = frozenset({404})
_TAKEN = frozenset({409, 412})
_NO_CONTAINER = frozenset({"ContainerNotFound", "ContainerBeingDeleted"})
_NOT_KNOWN = frozenset({"AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo"})
_DENIED = frozenset(
    {"AuthorizationPermissionMismatch", "AuthorizationServiceMismatch", "InsufficientAccountPermissions"}
)
_SIGNED = ("content-encoding", "content-language", "content-length", "content-md5", "content-type", "date")
_CONDITIONS = ("if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A storage account: where it answers, and its key or a token that allows some of it (SAS)."""

    name: str
    address: str
    key: Secret | None = None
    sas: Secret | None = None

    @property
    def host(self) -> str:
        """The host and port."""
        return urlsplit(self.address).netloc

    def signature(self, text: str) -> str:
        """Sign a text with the account's key."""
        key = base64.b64decode(self.key.reveal()) if self.key else b""
        return base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()


class Azure:
    """A container, or the account where no container is named."""

    def __init__(self, context: Context[Any, Any], account: Account, container: str = "") -> None:
        self._context = context
        self._account = account
        self._container = container

    async def buckets(self) -> list[str]:
        """Return the names of the account's containers."""
        return (await listing(self._context, await self._ask("GET", "", {"comp": "list"}))).names

    async def page(self, prefix: str, after: str | None = None) -> Page:
        """Return the objects below a prefix, up to a thousand."""
        query = {"restype": "container", "comp": "list", "maxresults": "1000", "prefix": prefix, "marker": after or ""}
        answer = await self._ask("GET", "", {name: value for name, value in query.items() if value})
        found = await listing(self._context, answer)
        if found.marker and found.marker == after:
            raise TemporaryError(f"{self._account.host} lists the same page again and again.")
        return Page(objects=found.objects, after=found.marker or None, asked=clock(answer))

    async def head(self, key: str) -> Stored | None:
        """Return what stands under a key."""
        answer = await self._ask("HEAD", key, passes=_UNKNOWN)
        return None if answer.status in _UNKNOWN else self._stored(key, answer)

    async def read(self, key: str, version: str = "") -> bytes | None:
        """Return an object's content."""
        headers = {"If-Match": f'"{version}"'} if version else {}
        answer = await self._ask("GET", key, headers=headers, passes=_UNKNOWN | _TAKEN)
        return None if answer.status in _UNKNOWN | _TAKEN else answer.content

    async def put(self, content: Content, standing: Stored | None) -> Stored:
        """Write an object on the condition that nobody has written it meanwhile."""
        condition = {"If-Match": f'"{standing.version}"'} if standing else {"If-None-Match": "*"}
        own = {META + name: quote(value, safe=" ") for name, value in content.metadata.items()}
        headers = {**own, **condition, "x-ms-blob-type": "BlockBlob", "Content-Type": content.media_type}
        answer = await self._ask("PUT", content.key, headers=headers, body=content.body, passes=_TAKEN)
        if answer.status in _TAKEN:
            raise MovedOnError
        written = self._stored(content.key, answer, uncertain=True)
        return msgspec.structs.replace(written, size=len(content.body), media_type=content.media_type)

    async def restore(self, former: Stored, standing: Stored) -> Stored:
        """Refuse: only what was not there before is taken back here."""
        raise SettingsError(
            f"What was in {former.key} before cannot be put back from here; {standing.key} stays as it is. "
            "In Azure's portal, an earlier version can be made the current one where the account keeps versions."
        )

    async def delete(self, standing: Stored) -> None:
        """Remove an object, where it still is the one that was looked at."""
        headers = {"If-Match": f'"{standing.version}"'}
        answer = await self._ask("DELETE", standing.key, headers=headers, passes=_UNKNOWN | _TAKEN)
        if answer.status in _TAKEN:
            raise SettingsError(f"{standing.key} was written by somebody else at this moment, so it stays as it is.")

    async def link(self, key: str, seconds: int) -> str:
        """Return an address with a token for this one object (service SAS)."""
        if self._account.key is None:
            raise SettingsError("A link needs a connection with the account's key, as it is signed with it.")
        ends = f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
        resource = f"/blob/{self._account.name}/{self._container}/{key}"
        text = "\n".join(["r", "", ends, resource, "", "", "", VERSION, "b", *[""] * 7])
        query = {"sp": "r", "se": ends, "sv": VERSION, "sr": "b", "sig": self._account.signature(text)}
        return f"{self._account.address}{self._path(key)}?{encoded(query)}"

    async def _ask(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        passes: Collection[int] = (),
    ) -> Response:
        """Send a request with the key's signature or the token."""
        moment = format_datetime(datetime.now(UTC), usegmt=True)
        sent = {**(headers or {}), "x-ms-version": VERSION, "x-ms-date": moment, "Accept-Encoding": "identity"}
        if method == "PUT":
            sent.setdefault("Content-Type", "application/octet-stream")
        path, asked = self._path(key), dict(query or {})
        if self._account.key is not None:
            sent["Authorization"] = self._authorization(method, path, asked, sent, len(body))
        elif self._account.sas is not None:
            asked |= dict(parse_qsl(self._account.sas.reveal().strip().removeprefix("?")))
        options = Options(headers=sent, timeout=WAIT, accepts=range(400, 600))
        if body or method == "PUT":
            options["content"] = body
        address = f"{self._account.address}{path}" + (f"?{encoded(asked)}" if asked else "")
        answer = await self._context.http.request(method, address, **options)
        code = answer.headers.get("x-ms-error-code", "") or refusal(answer.content)[0]
        if answer.status >= 300 and (answer.status not in passes or (code in _NO_CONTAINER and method != "HEAD")):
            raise self._refused(code, answer)
        return answer

    def _authorization(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], length: int
    ) -> str:
        """Sign a request ("Authorize with Shared Key")."""
        given = {name.lower(): value for name, value in headers.items()}
        given["content-length"] = str(length) if length else ""
        fixed = [given.get(name, "") for name in (*_SIGNED, *_CONDITIONS)]
        own = [f"{name}:{' '.join(given[name].split())}" for name in sorted(given) if name.startswith("x-ms-")]
        # As it goes over the wire, where some letters are not escaped
        place = f"/{self._account.name}{URL(f'{self._account.address}{path}').raw_path}"
        asked = [f"{name.lower()}:{query[name]}" for name in sorted(query)]
        text = "\n".join([method, *fixed, *own, place, *asked])
        return f"SharedKey {self._account.name}:{self._account.signature(text)}"

    def _path(self, key: str) -> str:
        if not key:
            return f"/{self._container}"
        require_addressable(key)
        return f"/{self._container}/{quote(key, safe='/-_.~')}"

    def _refused(self, code: str, answer: Response) -> Exception:
        """Say what a refusal means, by its code where it has one."""
        host, message = self._account.host, refusal(answer.content)[1]
        if code in _NO_CONTAINER:
            return SettingsError(f"There is no container {self._container} at {host}.")
        if code in _NOT_KNOWN:
            return CredentialsError(
                f"{host} does not accept the key or token ({code}). Connect again with a valid one."
            )
        if code in _DENIED:
            return DeniedError(f"{host} does not let this token do that ({code}). Make one that allows it.")
        return refused(host, answer, message)

    def _stored(self, key: str, answer: Response, *, uncertain: bool = False) -> Stored:
        headers = answer.headers
        if not headers.get("ETag"):
            raise TemporaryError(f"{self._account.host} does not say what stands under {key}.", uncertain=uncertain)
        length = headers.get("Content-Length", "0")
        metadata = {name.lower(): value for name, value in headers.items()}
        return Stored(
            key=key,
            size=int(length) if length.isdecimal() else 0,
            version=headers["ETag"].strip('"'),
            media_type=headers.get("Content-Type", ""),
            changed=http_date(headers.get("Last-Modified")),
            metadata={name.removeprefix(META): value for name, value in metadata.items() if name.startswith(META)},
        )
