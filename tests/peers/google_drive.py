"""The state of a Drive on loopback: files with revisions, folders, shared drives, and the feed of changes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from tests.peers.google import Call, GooglePeer
from tests.peers.google_description import RefusalError

FOLDER = "application/vnd.google-apps.folder"
OWN = "application/vnd.google-apps."
ROOT = "root-of-my-drive"
_TERM = re.compile(
    r"\s*(?:(?P<word>\(|\)|and\b|or\b|not\b)"
    r"|appProperties has \{ key = '(?P<key>[^']*)' and value = '(?P<value>(?:[^'\\]|\\.)*)' \}"
    r"|'(?P<parent>[^']*)' in parents"
    r"|(?P<field>trashed|mimeType|name|fullText) (?P<sort>=|!=|contains) "
    r"(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<flag>true|false)))"
)


class DriveFile(msgspec.Struct, kw_only=True):
    """A file with the contents of all its revisions."""

    id: str
    name: str
    kind: str
    parents: list[str]
    drive: str = ""
    created: datetime
    changed: datetime
    contents: list[bytes] = []
    marks: dict[str, str] = {}
    trashed: bool = False

    @property
    def revision(self) -> str:
        """The newest revision; Google's own documents have none that can be read."""
        return f"{self.id}-r{len(self.contents)}" if not self.kind.startswith(OWN) else ""

    def shown(self) -> dict[str, Any]:
        """Return the file as Drive tells of it."""
        told: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "mimeType": self.kind,
            "parents": self.parents,
            "trashed": self.trashed,
            "createdTime": _time(self.created),
            "modifiedTime": _time(self.changed),
            "appProperties": self.marks,
            "webViewLink": f"https://drive.google.com/file/d/{self.id}/view",
            "lastModifyingUser": {"displayName": "Ada", "emailAddress": "ada@example.com"},
        }
        if self.revision:
            told |= {"headRevisionId": self.revision, "size": str(len(self.contents[-1]))}
        return told | ({"driveId": self.drive} if self.drive else {})


class Drive:
    """A drive: `put` and its kin do what people do; the rest answers requests."""

    def __init__(self, peer: GooglePeer) -> None:
        self.files: dict[str, DriveFile] = {}
        self.drives: dict[str, str] = {}
        self.feed: list[str] = []
        self.largest_export = 10 * 1024 * 1024
        self._ids = count(1)
        self._clock = datetime.now(UTC).replace(microsecond=0)
        self.folder("My Drive", identity=ROOT, parents=[])
        peer.serve("drive.v3", {f"drive.{name}": function for name, function in self._methods().items()})

    def put(
        self, name: str, content: bytes = b"text", kind: str = "text/plain", folder: str = ROOT, **given: Any
    ) -> str:
        """Add a file and return its id."""
        identity = given.pop("identity", None) or f"file-{next(self._ids):07}"
        self._clock += timedelta(seconds=1)
        moment = given.pop("moment", self._clock)
        parents = given.pop("parents", [folder])
        self.files[identity] = DriveFile(
            id=identity,
            name=name,
            kind=kind,
            parents=parents,
            created=moment,
            changed=moment,
            contents=[content],
            **given,
        )
        self.feed.append(identity)
        return identity

    def folder(self, name: str, folder: str = ROOT, **given: Any) -> str:
        """Add a folder and return its id."""
        return self.put(name, b"", FOLDER, folder, **given)

    def change(self, identity: str, content: bytes) -> None:
        """Write a new version."""
        self._clock += timedelta(seconds=1)
        self.files[identity].contents.append(content)
        self.files[identity].changed = self._clock
        self.feed.append(identity)

    def move(self, identity: str, folder: str) -> None:
        """Put a file or folder into another folder, which tells of nothing inside it."""
        self.files[identity].parents = [folder]
        self.feed.append(identity)

    def _methods(self) -> Mapping[str, Any]:
        return {
            "about.get": lambda _: {"user": {"displayName": "Ada", "emailAddress": "ada@example.com"}},
            "changes.getStartPageToken": lambda _: {"startPageToken": str(len(self.feed))},
            "changes.list": self._changes,
            "drives.list": self._drives,
            "files.list": self._list,
            "files.get": self._get,
            "files.export": self._export,
            "files.generateIds": lambda call: {
                "ids": [f"made-{next(self._ids):07}" for _ in range(int(call.parameters["count"]))]
            },
            "files.create": self._create,
            "files.update": self._update,
            "revisions.get": self._revision,
        }

    def _drives(self, call: Call) -> dict[str, Any]:
        shown = [{"id": identity, "name": name} for identity, name in self.drives.items()]
        return _page(shown, call.parameters, "drives")

    def _changes(self, call: Call) -> dict[str, Any]:
        start, size = int(call.parameters["pageToken"]), int(call.parameters.get("pageSize", 100))
        part = self.feed[start : start + size]
        drive = call.parameters.get("driveId", "")
        newest = [name for place, name in enumerate(part) if name not in part[place + 1 :]]
        shown = [self.files[name] for name in newest if self.files[name].drive == drive]
        answer: dict[str, Any] = {"changes": [{"fileId": one.id, "file": one.shown()} for one in shown]}
        rest = start + size < len(self.feed)
        return answer | ({"nextPageToken": str(start + size)} if rest else {"newStartPageToken": str(len(self.feed))})

    def _list(self, call: Call) -> dict[str, Any]:
        drive = call.parameters.get("driveId", "")
        wanted = query(call.parameters.get("q", ""))
        anywhere = call.parameters.get("corpora") == "allDrives"
        near = [one for one in self.files.values() if (anywhere or one.drive == drive) and one.id != ROOT]
        found = [one for one in near if wanted(one)]
        return _page(found, call.parameters, "files")

    def _get(self, call: Call) -> Any:
        file = self._file(call)
        if call.parameters.get("alt") != "media":
            return file.shown()
        if file.kind.startswith(OWN):
            raise RefusalError(403, "fileNotDownloadable", "Only files with binary content can be downloaded.")
        return file.contents[-1]

    def _export(self, call: Call) -> bytes:
        file = self._file(call)
        if not file.kind.startswith(OWN):
            raise RefusalError(403, "fileNotExportable", "Export only supports Docs Editors files.")
        if len(file.contents[-1]) > self.largest_export:
            raise RefusalError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        return file.contents[-1] + f" as {call.parameters['mimeType']}".encode()

    def _create(self, call: Call) -> dict[str, Any]:
        body = call.body
        if body.get("id") in self.files:
            raise RefusalError(409, "fileIdInUse", "A file already exists with the provided ID.")
        folder = body.get("parents", ["root"])[0]
        folder = ROOT if folder == "root" else folder
        place = self.files.get(folder)
        if (place is None or place.trashed) and folder not in self.drives:
            raise RefusalError(404, "notFound", f"File not found: {folder}.")
        drive = place.drive if place else folder
        kind = body.get("mimeType") or call.media_type or "application/octet-stream"
        identity = self.put(
            body["name"], call.media or b"", kind, folder, identity=body.get("id"), drive=drive, marks=_marks(body)
        )
        return self.files[identity].shown()

    def _update(self, call: Call) -> dict[str, Any]:
        file = self._file(call)
        body = call.body or {}
        file.name, file.trashed = body.get("name", file.name), body.get("trashed", file.trashed)
        file.marks = {**file.marks, **_marks(body)}
        if call.media is not None:
            self.change(file.id, call.media)
        return file.shown()

    def _revision(self, call: Call) -> bytes:
        file, number = self._file(call), call.parameters["revisionId"].rpartition("-r")[2]
        return file.contents[int(number) - 1]

    def _file(self, call: Call) -> DriveFile:
        file = self.files.get(call.parameters["fileId"])
        if file is None:
            raise RefusalError(404, "notFound", f"File not found: {call.parameters['fileId']}.")
        return file


Holds = Callable[[DriveFile], bool]


def query(text: str) -> Holds:
    """Read Drive's search language, as much of it as is used here; anything else is refused as Drive does."""
    terms = list(_terms(text))
    return _either(terms) if terms else lambda _: True


def _terms(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text.rstrip()):
        found = _TERM.match(text, place)
        if found is None:
            raise RefusalError(400, "badRequest", f"Invalid Value: q {text[place:]!r}")
        yield found
        place = found.end()


def _either(rest: list[re.Match[str]]) -> Holds:
    parts = [_both(rest)]
    while rest and rest[0]["word"] == "or":
        rest.pop(0)
        parts.append(_both(rest))
    return lambda file: any(part(file) for part in parts)


def _both(rest: list[re.Match[str]]) -> Holds:
    parts = [_holds(rest.pop(0), rest)]
    while rest and rest[0]["word"] == "and":
        rest.pop(0)
        parts.append(_holds(rest.pop(0), rest))
    return lambda file: all(part(file) for part in parts)


def _holds(term: re.Match[str], rest: list[re.Match[str]]) -> Holds:
    if term["word"] == "(":
        inner = _either(rest)
        rest.pop(0)
        return inner
    if term["key"] is not None:
        key, value = term["key"], _plain(term["value"])
        return lambda file: file.marks.get(key) == value
    if term["parent"] is not None:
        parent = ROOT if term["parent"] == "root" else term["parent"]
        return lambda file: parent in file.parents
    field, wanted = term["field"], term["flag"] or _plain(term["text"] or "")
    if term["sort"] == "contains":
        return lambda file: wanted.encode() in file.contents[-1] or wanted in file.name
    equal = term["sort"] == "="
    held: dict[str, Callable[[DriveFile], str]] = {
        "mimeType": lambda file: file.kind,
        "name": lambda file: file.name,
        "trashed": lambda file: str(file.trashed).lower(),
    }
    of = held[field]
    return lambda file: (of(file) == wanted) == equal


def _page(found: Sequence[Any], parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    start, size = int(parameters.get("pageToken", 0)), int(parameters.get("pageSize", 100))
    more = {"nextPageToken": str(start + size)} if start + size < len(found) else {}
    shown = [one.shown() if isinstance(one, DriveFile) else one for one in found[start : start + size]]
    return {name: shown, **more}


def _marks(body: Mapping[str, Any]) -> dict[str, str]:
    marks: dict[str, str] = body.get("appProperties", {})
    for name, value in marks.items():
        if len(f"{name}{value}".encode()) > 124:
            raise RefusalError(400, "badRequest", "A property has 124 bytes at most.")
    return marks


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
