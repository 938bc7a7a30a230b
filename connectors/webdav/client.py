"""Questions to a WebDAV server (RFC 4918): list, read, write, move, each under the connection's credentials."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from yarl import URL

from connectors.sdk import Context, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.http import Options, Response
from connectors.webdav.connection import Connection, Signer
from connectors.webdav.parsing import MOST_ENTRIES, Entry, Source, read_listing

UNAUTHORIZED, NOT_FOUND, MULTI_STATUS, CONFLICT, CHANGED = 401, 404, 207, 409, 412
TRANSFER_SECONDS = 300.0
_ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/>'
    b"<d:getcontentlength/><d:getetag/><d:getlastmodified/></d:prop></d:propfind>"
)


class Client:
    """One call's way to the server; paths begin with a slash, in the folder of the connection's address."""

    def __init__(self, context: Context[Connection, Any]) -> None:
        self._context = context
        self._base = str(URL(context.connection.address)).rstrip("/")
        self._signer = Signer(context.connection)

    async def listed(self, path: str) -> list[Entry]:
        """Return what is in a folder."""
        entries = await self._found(path, "1", slash=True)
        if entries is None:
            raise SettingsError(f"There is no folder {path or '/'} on {self._host}. Check the folder.")
        own = next((entry for entry in entries if not entry.name), None)
        if own is not None and not own.is_folder:
            raise SettingsError(f"{path} on {self._host} is a file, not a folder.")
        if len(entries) > MOST_ENTRIES:
            raise SettingsError(f"There are more than {MOST_ENTRIES:,} files in {path or '/'}. Take a smaller folder.")
        return [entry for entry in entries if entry.name]

    async def entry(self, path: str) -> Entry | None:
        """Return what is known of a file or folder, None when there is none."""
        entries = await self._found(path, "0", slash=False)
        if not entries:
            return None
        return entries[0]

    async def content(self, path: str, limit: int) -> Response | None:
        """Return a file as it is, None when there is none."""
        headers = {"Accept-Encoding": "identity"}
        options = Options(headers=headers, limit=limit, timeout=TRANSFER_SECONDS)
        answer = await self.request("GET", path, options, (NOT_FOUND,))
        return None if answer.status == NOT_FOUND else answer

    async def request(self, method: str, path: str, options: Options, accepts: Collection[int] = ()) -> Response:
        """Send a request, once more where the server wants it signed otherwise."""
        url = self.url(path)
        signed = Options(**options)
        given = options.get("headers", {})
        signed["headers"] = {**given, **self._signer.signed(method, url)}
        signed["accepts"] = (UNAUTHORIZED, *accepts)
        answer = await self._context.http.request(method, url, **signed)
        if answer.status != UNAUTHORIZED:
            return answer
        header = self._signer.challenged(answer.headers.get("WWW-Authenticate", ""))
        if header is not None:
            signed["headers"] = {**signed["headers"], **header}
            answer = await self._context.http.request(method, url, **signed)
        if answer.status == UNAUTHORIZED:
            raise CredentialsError(f"{self._host} does not accept the user, password or token. Connect again.")
        return answer

    def url(self, path: str) -> str:
        """Return the whole address of a path."""
        return str(URL(self._base + quote(path, safe="/", errors="surrogateescape"), encoded=True))

    @property
    def _host(self) -> str:
        return URL(self._base).host or ""

    async def _found(self, path: str, depth: str, *, slash: bool) -> list[Entry] | None:
        """Ask for the properties of a path and, with depth 1, of what is right below it."""
        asked = f"{path}/" if slash else path
        headers = {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}
        answer = await self.request("PROPFIND", asked, Options(headers=headers, content=_ASKED), (NOT_FOUND,))
        if answer.status == NOT_FOUND:
            return None
        if answer.status != MULTI_STATUS:
            raise SettingsError(f"{self._host} does not answer as a WebDAV server. Check the address.")
        listing = await self._context.confined(read_listing, Source(answer.content, URL(answer.url).raw_path))
        if not listing.whole:
            raise TemporaryError(f"{self._host} sent a list that cannot be read.")
        if listing.strangers and not listing.entries:
            raise SettingsError(f"{self._host} lists this folder under another address. Give that one.")
        return listing.entries
