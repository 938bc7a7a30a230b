"""A Gmail mailbox behind Google's own description of gmail:v1: messages, labels, history, drafts, and search."""

import base64
import email
import email.policy
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from tests.peers.google import Call, GooglePeer, google_peer
from tests.peers.google_description import RefusalError

ADDRESS = "ada@example.com"
SYSTEM = ("INBOX", "UNREAD", "STARRED", "SENT", "DRAFT", "SPAM", "TRASH", "IMPORTANT")
OWN = {"Label_7": "Booked", "Label_8": "Invoices/2026"}
# The days of 2026 on which Google took the mails
BEGIN = 1_795_000_000_000


@dataclass
class Kept:
    """A message in the mailbox."""

    id: str
    thread: str
    raw: bytes
    labels: set[str]
    taken: int
    history: int = 0

    @property
    def mail(self) -> EmailMessage:
        """The message as Python reads it."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)


@dataclass
class Mailbox:
    """The state of one account; `expired` is the history before which Gmail has forgotten everything."""

    messages: dict[str, Kept] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=lambda: {**{name: name for name in SYSTEM}, **OWN})
    expired: int = 0
    renames: bool = False
    history: int = 1000
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(0x1930000000000001))
    moments: Iterator[int] = field(default_factory=lambda: itertools.count(BEGIN, 60_000))

    def put(self, raw: bytes, labels: Sequence[str] = ("INBOX", "UNREAD"), *, thread: str = "", late: int = 0) -> str:
        """Let a mail arrive, or lay one down; `late` milliseconds before the newest one."""
        identity = f"{next(self.numbers):x}"
        kept = Kept(identity, thread or identity, raw, set(labels), next(self.moments) - late)
        self.messages[identity] = kept
        self._note("messagesAdded", kept, {})
        return identity

    def label(self, identity: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Change the labels of a message."""
        kept = self.messages[identity]
        for kind, held in (("labelsAdded", set(add) - kept.labels), ("labelsRemoved", set(remove) & kept.labels)):
            if held:
                kept.labels = kept.labels | held if kind == "labelsAdded" else kept.labels - held
                self._note(kind, kept, {"labelIds": sorted(held)})

    def tell_again(self) -> None:
        """Tell of the newest message once more."""
        self._note("messagesAdded", list(self.messages.values())[-1], {})

    def forget(self) -> None:
        """Forget the history so far, as Gmail does after about a week."""
        self.expired = self.history = self.history + 50
        self.changes.clear()

    def sent(self) -> list[Kept]:
        """Return what was sent, oldest first."""
        return [kept for kept in self.messages.values() if "SENT" in kept.labels]

    def _note(self, kind: str, kept: Kept, beside: Mapping[str, Any]) -> None:
        self.history += 3
        kept.history = self.history
        message = {"id": kept.id, "threadId": kept.thread, "labelIds": sorted(kept.labels)}
        self.changes.append({"id": str(self.history), "messages": [message], kind: [{"message": message, **beside}]})

    def methods(self) -> dict[str, Any]:
        """Return what answers Gmail's methods."""
        users = "gmail.users"
        return {
            f"{users}.getProfile": lambda _: {"emailAddress": ADDRESS, "historyId": str(self.history)},
            f"{users}.labels.list": lambda _: {
                "labels": [{"id": one, "name": name} for one, name in self.labels.items()]
            },
            f"{users}.messages.list": self._list,
            f"{users}.messages.get": lambda call: self._shown(self._message(call), call.parameters["format"]),
            f"{users}.messages.modify": self._modify,
            f"{users}.history.list": self._history,
            f"{users}.drafts.create": self._draft,
            f"{users}.drafts.get": lambda call: self._draft_of(call.parameters["id"]),
            f"{users}.drafts.list": self._drafts,
            f"{users}.drafts.delete": self._delete,
            f"{users}.drafts.send": self._send,
        }

    def _message(self, call: Call) -> Kept:
        if call.parameters["id"] not in self.messages:
            raise RefusalError(404, "notFound", "Requested entity was not found.")
        return self.messages[call.parameters["id"]]

    def _list(self, call: Call) -> dict[str, Any]:
        wanted = set(call.parameters.get("labelIds", []))
        fits = [
            one for one in self.messages.values() if wanted <= one.labels and found(one, call.parameters.get("q", ""))
        ]
        shown = [one for one in fits if wanted & one.labels or not {"SPAM", "TRASH"} & one.labels]
        newest = sorted(shown, key=lambda one: (one.taken, one.id), reverse=True)
        page, following = _page(newest, call)
        return {"messages": [{"id": one.id, "threadId": one.thread} for one in page], **following}

    def _shown(self, kept: Kept, form: str) -> dict[str, Any]:
        message = {
            "id": kept.id,
            "threadId": kept.thread,
            "labelIds": sorted(kept.labels),
            "internalDate": str(kept.taken),
            "sizeEstimate": len(kept.raw),
            "historyId": str(kept.history),
            "snippet": "…",
        }
        if form == "raw":
            message["raw"] = base64.urlsafe_b64encode(kept.raw).decode()
        if form == "metadata":
            head = email.message_from_bytes(kept.raw)
            message["payload"] = {
                "headers": [{"name": name, "value": _shown_as(value)} for name, value in head.raw_items()]
            }
        return message

    def _modify(self, call: Call) -> dict[str, Any]:
        kept = self._message(call)
        unknown = {*call.body.get("addLabelIds", []), *call.body.get("removeLabelIds", [])} - set(self.labels)
        if unknown:
            raise RefusalError(400, "invalidArgument", f"Invalid label: {', '.join(unknown)}")
        self.label(kept.id, call.body.get("addLabelIds", []), call.body.get("removeLabelIds", []))
        return self._shown(kept, "minimal")

    def _history(self, call: Call) -> dict[str, Any]:
        start = int(call.parameters["startHistoryId"])
        if start < self.expired:
            raise RefusalError(404, "notFound", "Requested entity was not found.")
        kinds = {f"{kind.removesuffix('Added')}sAdded" for kind in call.parameters["historyTypes"]}
        fits = [one for one in self.changes if int(one["id"]) > start and kinds & one.keys()]
        page, following = _page(fits, call)
        return {"history": page, "historyId": str(self.history), **following}

    def _draft(self, call: Call) -> dict[str, Any]:
        assert call.media_type == "message/rfc822"
        assert call.media is not None
        thread = ((call.body or {}).get("message") or {}).get("threadId", "")
        if any(b"@refused.example" in line for line in call.media.splitlines() if line.startswith(b"To:")):
            raise RefusalError(400, "invalidArgument", "Invalid To header")
        raw = re.sub(
            rb"(?im)^Message-ID: .*$", b"Message-ID: <CA%d@mail.gmail.com>" % len(self.messages), call.media, count=1
        )
        identity = self.put(raw if self.renames else call.media, ["DRAFT"], thread=thread)
        self.drafts[f"r{identity}"] = identity
        return self._draft_of(f"r{identity}")

    def _draft_of(self, draft: str) -> dict[str, Any]:
        if draft not in self.drafts:
            raise RefusalError(404, "notFound", "Requested entity was not found.")
        return {"id": draft, "message": self._shown(self.messages[self.drafts[draft]], "minimal")}

    def _drafts(self, call: Call) -> dict[str, Any]:
        fits = [draft for draft, one in self.drafts.items() if found(self.messages[one], call.parameters.get("q", ""))]
        return {"drafts": [self._draft_of(draft) for draft in fits[: int(call.parameters.get("maxResults", 100))]]}

    def _delete(self, call: Call) -> None:
        del self.messages[self._draft_of(call.parameters["id"])["message"]["id"]]
        del self.drafts[call.parameters["id"]]

    def _send(self, call: Call) -> dict[str, Any]:
        kept = self.messages[self._draft_of(call.body["id"])["message"]["id"]]
        del self.drafts[call.body["id"]]
        self.label(kept.id, ["SENT"], ["DRAFT"])
        return self._shown(kept, "minimal")


def _shown_as(value: object) -> str:
    """Gmail shows bytes that are no text as question marks."""
    return str(value).encode("utf-8", "replace").decode()


def found(kept: Kept, query: str) -> bool:
    """Search as Gmail does, for the operators that tests use."""
    return all(_fits(kept, word) for word in query.split())


def _fits(kept: Kept, word: str) -> bool:
    operator, _, value = word.partition(":")
    match operator:
        case "rfc822msgid":
            return f"message-id: <{value}>".casefold() in kept.raw.decode("utf-8", "replace").casefold()
        case "in":
            return value.upper() in kept.labels
        case "after":
            return kept.taken // 1000 > int(value)
        case "subject":
            return value.casefold() in str(kept.mail["Subject"]).casefold()
        case "has":
            return b"Content-Disposition: attachment" in kept.raw
    return word.casefold() in kept.raw.decode("utf-8", "replace").casefold()


def _page(everything: Sequence[Any], call: Call) -> tuple[Sequence[Any], dict[str, str]]:
    size = min(int(call.parameters.get("maxResults", 100)), 500)
    start = int(call.parameters.get("pageToken", 0))
    page = everything[start : start + size]
    return page, {"nextPageToken": str(start + size)} if start + size < len(everything) else {}


@asynccontextmanager
async def gmail_peer() -> Any:
    """Run Gmail with an empty mailbox."""
    async with google_peer() as peer:
        mailbox = Mailbox()
        peer.serve("gmail.v1", mailbox.methods())
        yield peer, mailbox


__all__ = ["ADDRESS", "GooglePeer", "Mailbox", "gmail_peer"]
