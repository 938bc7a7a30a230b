"""A drive at Microsoft Graph for the tests, held to Microsoft's OpenAPI description (Graph 1.0).

The description knows items by id only; paths (`root:/a/b.txt:`) are read as Microsoft's page "Addressing resources in a
drive" says, and the short names of functions (`delta`, `restoreVersion`) as OData allows.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply, openapi_peer

ITEM = "/drives/{drive-id}/items/{driveItem-id}"
DRIVE = "b!drive"
_PATH = re.compile(r"(/drives/[^/]+)/root:(/.*?):(/content)?$")
_CODES = {400: "invalidRequest", 401: "InvalidAuthenticationToken", 403: "accessDenied", 404: "itemNotFound"}
_CODES |= {409: "nameAlreadyExists", 410: "resyncRequired", 412: "preconditionFailed", 429: "activityLimitReached"}
PAGE = 200
LARGEST = 64 * 1024 * 1024
# The description wants types named everywhere, which the service leaves out where they go without saying
KIND = "#microsoft.graph.driveItem"
_FILE = {"file": {"@odata.type": "#microsoft.graph.file", "mimeType": "application/octet-stream"}}
_FOLDER = {"folder": {"@odata.type": "#microsoft.graph.folder", "childCount": 0}}
_VERSION = "#microsoft.graph.driveItemVersion"
# Parameters that every Graph service has and no description names
CLASH, SKIP = "@microsoft.graph.conflictBehavior", "$skiptoken"
BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Stored(msgspec.Struct):
    """A file or folder of the drive; `versions` holds its contents, the newest last."""

    id: str
    path: str
    versions: list[bytes]
    number: int
    changed: datetime
    deleted: bool = False


class OneDrivePeer(OpenApiPeer):
    """One drive; `writes` counts what changed it, `log` the order of its changes."""

    def __init__(self) -> None:
        super().__init__("onedrive", error=_error, prefix="/v1.0")
        self.items: dict[str, Stored] = {"root": Stored("root", "", [], 0, BEGIN)}
        self.log: list[str] = []
        self.forgotten = False
        self.writes = 0
        self.count = 0
        self._register()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whose path may be written in the short ways."""
        path = unquote(request.raw_path.partition("?")[0])
        named = _PATH.search(path)
        if named:
            path = f"{path[: named.start()]}{named[1]}/items/{_told(named[2])}{named[3] or ''}"
        path = re.sub(r"/delta$", "/microsoft.graph.delta()", path)
        path = re.sub(r"/delta\(token=", "/microsoft.graph.delta(token=", path)
        path = re.sub(r"/rows/add$", "/rows/microsoft.graph.add", path)
        path = re.sub(r"/restoreVersion$", "/microsoft.graph.restoreVersion", path)
        query = {name: value for name, value in request.query.items() if name not in (CLASH, SKIP)}
        told = {name: request.query.get(name, "") for name in (CLASH, SKIP)}
        headers = CIMultiDict(request.headers)
        headers.update({f"x-{name}": value for name, value in told.items()})
        address = URL.build(path=path, query=query)
        return await super().answer(request.clone(rel_url=address, headers=headers, client_max_size=LARGEST))

    def put(self, path: str, content: bytes, *, older: float = 0) -> Stored:
        """Write a file as a person does in the browser."""
        self.count += 1
        found = self.at(path)
        if found is None:
            found = Stored(f"ID{self.count:06}", path, [], 0, BEGIN)
            self.items[found.id] = found
        found.versions.append(content)
        found.number = self.count
        found.changed = BEGIN + timedelta(seconds=self.count - older)
        self.log.append(found.id)
        return found

    def folder(self, path: str) -> Stored:
        """Make a folder."""
        self.count += 1
        made = Stored(f"FOLDER{self.count:06}", path, [], self.count, BEGIN)
        self.items[made.id] = made
        return made

    def at(self, path: str) -> Stored | None:
        """Return what stands at a path."""
        return next((one for one in self.items.values() if one.path == path and not one.deleted), None)

    def remove(self, path: str) -> None:
        """Take something out of the drive."""
        found = self.at(path)
        assert found is not None
        found.deleted = True
        self.log.append(found.id)

    @property
    def state(self) -> list[tuple[str, bytes]]:
        """The files and what is in them."""
        return sorted((one.path, one.versions[-1]) for one in self.items.values() if one.versions and not one.deleted)

    def _register(self) -> None:
        self.on("GET", "/me/drive")(lambda _: {"@odata.type": "#microsoft.graph.drive", "id": DRIVE})
        self.on("GET", ITEM)(lambda call: self._shown(self._named(call)))
        self.on("GET", f"{ITEM}/content")(lambda call: Reply(content=self._named(call).versions[-1]))
        self.on("PUT", f"{ITEM}/content")(self._write)
        self.on("DELETE", ITEM)(self._delete)
        self.on("GET", f"{ITEM}/microsoft.graph.delta()")(self._delta)
        self.on("GET", f"{ITEM}/microsoft.graph.delta(token='{{token}}')")(self._delta_from)
        self.on("GET", f"{ITEM}/versions")(self._versions)
        self.on("POST", f"{ITEM}/versions/{{driveItemVersion-id}}/microsoft.graph.restoreVersion")(self._restore)

    def _named(self, call: Call) -> Stored:
        identity = call.arguments["driveItem-id"]
        found = self.at(_path(identity)) if identity.startswith("∕") else self.items.get(identity)
        if found is None or found.deleted:
            raise Refused(404, "The resource could not be found.")
        return found

    def _write(self, call: Call) -> Any:
        identity = call.arguments["driveItem-id"]
        standing = self.at(_path(identity)) if identity.startswith("∕") else self._named(call)
        if standing is not None and not standing.versions:
            raise Refused(409, "A folder has this name.")
        if standing is not None and call.request.headers[f"x-{CLASH}"] == "fail":
            raise Refused(409, "An item with the same name already exists under the parent.")
        wanted = call.request.headers.get("If-Match")
        if wanted is not None and (standing is None or wanted != _e_tag(standing)):
            raise Refused(412, "The resource has changed.")
        parent = _path(identity).rpartition("/")[0]
        if standing is None and any(self._is_file(one) for one in _above(parent)):
            raise Refused(400, "A file stands where a folder must be.")
        self.writes += 1
        return web.json_response(self._shown(self.put(standing.path if standing else _path(identity), call.body)))

    def _is_file(self, path: str) -> bool:
        found = self.at(path)
        return found is not None and bool(found.versions)

    def _delete(self, call: Call) -> Any:
        found = self._named(call)
        if call.request.headers.get("If-Match") != _e_tag(found):
            raise Refused(412, "The resource has changed.")
        self.writes += 1
        self.remove(found.path)
        return Reply(status=204)

    def _delta(self, call: Call) -> Any:
        return self._changes(call, int(call.request.headers[f"x-{SKIP}"] or 0))

    def _delta_from(self, call: Call) -> Any:
        token = call.arguments["token"]
        return self._changes(call, len(self.log) if token == "latest" else int(token))

    def _changes(self, call: Call, start: int) -> Any:
        if self.forgotten and start:
            raise Refused(410, "Resync required.")
        folder = self._named(call)
        seen = self.log[start : start + PAGE]
        inside = [self.items[one] for one in dict.fromkeys(seen) if self.items[one].path.startswith(f"{folder.path}/")]
        place = f"{self.base}/v1.0/drives/{DRIVE}/items/{folder.id}/delta"
        end = start + len(seen)
        more = end < len(self.log)
        link = (
            {"@odata.nextLink": f"{place}?$skiptoken={end}"} if more else {"@odata.deltaLink": self._later(place, end)}
        )
        return {"value": [self._shown(one) for one in inside], **link}

    def _later(self, place: str, end: int) -> str:
        return f"{place}(token='{end}')"

    def _versions(self, call: Call) -> Any:
        found = self._named(call)
        numbers = range(len(found.versions), 0, -1)
        return {
            "value": [{"@odata.type": _VERSION, "id": f"{number}.0"} for number in numbers][
                : call.arguments.get("top") or None
            ]
        }

    def _restore(self, call: Call) -> Any:
        found = self._named(call)
        self.writes += 1
        number = int(call.arguments["driveItemVersion-id"].partition(".")[0])
        self.put(found.path, found.versions[number - 1])
        return Reply(status=204)

    def _shown(self, one: Stored) -> dict[str, Any]:
        if one.deleted:
            gone = {"@odata.type": "#microsoft.graph.deleted", "state": "deleted"}
            return {"@odata.type": KIND, "id": one.id, "deleted": gone}
        parent = self.at(one.path.rpartition("/")[0]) or self.items["root"]
        facet = _FILE if one.versions else _FOLDER
        return {
            "@odata.type": KIND,
            "id": one.id,
            "name": one.path.rpartition("/")[2],
            "size": len(one.versions[-1]) if one.versions else 0,
            "eTag": _e_tag(one),
            "cTag": f'"c:{{{one.id}}},{one.number}"',
            "lastModifiedDateTime": one.changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "parentReference": {
                "@odata.type": "#microsoft.graph.itemReference",
                "id": parent.id,
                "path": f"/drives/{DRIVE}/root:{parent.path}",
            },
            **facet,
        }


P = TypeVar("P", bound=OneDrivePeer)


@asynccontextmanager
async def serving(peer: P) -> AsyncIterator[P]:
    """Serve a drive; ends with an error where a request or an answer was not as described."""
    async with openapi_peer(peer):
        yield peer
    assert peer.violations == [], "; ".join(peer.violations[:3])


def _told(path: str) -> str:
    """Write a path as one part of an address, so that the description takes it for an id."""
    return path.replace("/", "∕")


def _path(identity: str) -> str:
    return identity.replace("∕", "/")


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts) + 1)]


def _e_tag(one: Stored) -> str:
    return f'"{{{one.id}}},{one.number}"'


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": _CODES.get(status, "generalException"), "message": message}}
