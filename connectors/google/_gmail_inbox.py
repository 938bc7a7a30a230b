"""Read a mailbox onwards: by its history where Gmail still knows it, else by searching again from the last mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from email.utils import getaddresses
from fnmatch import fnmatchcase
from typing import Annotated, Literal

import msgspec

from connectors.google._calls import read, send
from connectors.google._connection import Connection
from connectors.google._gmail import (
    BYTES_AT_ONCE,
    GMAIL,
    GONE,
    ME,
    PAGE,
    READ_AT_ONCE,
    Message,
    heads,
    ids,
    label_id,
    label_names,
    labels,
    profile,
    whole,
)
from connectors.sdk import Context, Item, Settings, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.mail.opening import Opened, all_opened
from connectors.sdk.network.http import Options

# History ids that Gmail no longer takes are refused with one of these
_EXPIRED = (400, GONE)
_ASKED = (
    "history(id,messagesAdded/message(id,labelIds),labelsAdded(labelIds,message(id,labelIds))),historyId,nextPageToken"
)
# Not what arrives: what one is writing oneself, and what is thrown away
_ASIDE = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})
_DAY = 86_400


class Inbox(Settings):
    """Which mails start a run."""

    label: Annotated[
        str, field("Label", hint="INBOX, or any of your labels; empty: all mail.", example="INBOX", choices=label_names)
    ] = "INBOX"
    search: Annotated[str, field("Search", hint="As in Gmail's search box.", example="has:attachment filename:pdf")] = (
        ""
    )
    sender: Annotated[str, field("Sender", hint="* stands for any letters.", example="*@supplier.example")] = "*"
    subject: Annotated[str, field("Subject", hint="* stands for any letters.", example="*invoice*")] = "*"
    existing: Annotated[
        Literal["read", "skip"], field("Mails already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", advanced=True, shape=Shape.DURATION)] = "1m"

    def __post_init__(self) -> None:
        interval(self.every)


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a mailbox has been read.

    `history`: up to which change; `newest`: when the newest mail came, should the history be lost. While a search is
    being read, `after` is from when on it searches and `last` the message it has come to.
    """

    history: str
    newest: int = 0
    after: int | None = None
    last: str = ""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """A message that came, or got labels."""

    message: Message = Message()
    label_ids: Sequence[str] = ()


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """One change of the mailbox."""

    id: str = ""
    messages_added: Sequence[Change] = ()
    labels_added: Sequence[Change] = ()


class History(msgspec.Struct, frozen=True, rename="camel"):
    """A page of changes, and the newest there is."""

    history: Sequence[Record] = ()
    history_id: str = ""
    next_page_token: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A message that may start a run: had it the label when it came, and up to where has the mailbox been read then."""

    id: str
    labelled: bool
    history: str


async def read_inbox(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Yield mails after the cursor, oldest first."""
    known = await labels(context)
    reading = _Reading(context, label_id(known, context.settings.label) if context.settings.label else "", known)
    place = msgspec.json.decode(cursor, type=Place) if cursor else None
    if place is None:
        place = Place((await profile(context)).history_id, after=0)
        if context.settings.existing == "skip":
            place = Place(place.history, newest=await reading.newest())
            yield Item(content=None, cursor=str(place))
            return
    if place.after is None:
        async for item in reading.changes(place):
            yield item
            place = msgspec.json.decode(item.cursor or "", type=Place)
    if place.after is not None:
        async for item in reading.searched(place):
            yield item


class _Reading:
    """One reading of a mailbox: its context, the id of the label that is wanted, and the names of all."""

    def __init__(self, context: Context[Connection, Inbox], label: str, names: Mapping[str, str]) -> None:
        self._context = context
        self._settings = context.settings
        self._label = label
        self._names = names
        self._broken = False

    async def newest(self) -> int:
        """Return when the newest mail came."""
        async for identity in ids(self._context, "", self._label):
            return max((message.seconds for message in await heads(self._context, [identity])), default=0)
        return 0

    async def changes(self, place: Place) -> AsyncIterator[Item]:
        """Yield what came since; a history that Gmail has forgotten ends in a place that says where to search from."""
        start, token = place.history, None
        while True:
            page = await self._history(start, token)
            if page is None:
                history = (await profile(self._context)).history_id
                yield Item(content=None, cursor=str(Place(history, place.newest, max(0, place.newest - _DAY))))
                return
            async for candidate, message, opened in self._opened(list(_candidates(page, self._label, place.history))):
                place = Place(candidate.history, max(place.newest, message.seconds))
                yield self._item(message, opened, place)
            if self._broken:
                return
            token = page.next_page_token
            reached = page.history[-1].id if token and page.history else page.history_id
            if reached not in {"", place.history}:
                place = Place(reached, place.newest)
                yield Item(content=None, cursor=str(place))
            if not token:
                return

    async def searched(self, place: Place) -> AsyncIterator[Item]:
        """Yield all mails since a moment, oldest first, and end where the history goes on."""
        since = f" after:{place.after}" if place.after else ""
        found = [one async for one in ids(self._context, f"{self._settings.search}{since}".strip(), self._label)][::-1]
        done = found.index(place.last) + 1 if place.last in found else 0
        for start in range(done, len(found), PAGE):
            batch = [Candidate(one, labelled=True, history=place.history) for one in found[start : start + PAGE]]
            async for _, message, opened in self._opened(batch, searched=True):
                place = Place(place.history, max(place.newest, message.seconds), place.after, message.id)
                yield self._item(message, opened, place)
            if self._broken:
                return
        yield Item(content=None, cursor=str(Place(place.history, place.newest)))

    async def _history(self, start: str, token: str | None) -> History | None:
        """Return a page of changes, None when Gmail no longer knows them."""
        answer = await send(
            self._context,
            GMAIL,
            "users.history.list",
            Options(accepts=_EXPIRED),
            userId=ME,
            startHistoryId=start,
            historyTypes=["messageAdded", "labelAdded"],
            maxResults=PAGE,
            pageToken=token,
            fields=_ASKED,
        )
        return None if answer.status in _EXPIRED else read(answer, History)

    async def _opened(
        self, candidates: Sequence[Candidate], *, searched: bool = False
    ) -> AsyncIterator[tuple[Candidate, Message, Opened]]:
        """Read those that are wanted; one that breaks its reader is the last, and the next call goes on behind it."""
        by_id = {candidate.id: candidate for candidate in candidates}
        there = await heads(self._context, list(by_id))
        wanted = [message for message in there if self._passes(message, labelled=by_id[message.id].labelled)]
        if self._settings.search and not searched and wanted:
            wanted = await self._matching(wanted)
        for batch in _batches(wanted):
            pairs = await whole(self._context, batch)
            progress = await all_opened(self._context, [sealed for _, sealed in pairs])
            for (message, _), opened in zip(pairs, progress.done, strict=False):
                yield by_id[message.id], message, opened
            if progress.trouble:
                self._broken = True
                return

    def _passes(self, message: Message, *, labelled: bool) -> bool:
        held = set(message.label_ids)
        if self._label and not labelled and self._label not in held:
            return False
        if held & _ASIDE - {self._label}:
            return False
        found = getaddresses([message.header("From")])
        sender = next((address for _, address in found if "@" in address), "")
        return _fits(sender, self._settings.sender) and _fits(message.header("Subject"), self._settings.subject)

    async def _matching(self, messages: Sequence[Message]) -> list[Message]:
        """Return those that Gmail's own search finds too."""
        oldest = min(message.seconds for message in messages)
        found = {one async for one in ids(self._context, f"{self._settings.search} after:{max(0, oldest - 1)}")}
        return [message for message in messages if message.id in found]

    def _item(self, message: Message, opened: Opened, place: Place) -> Item:
        mail = opened.mail
        named = sorted(self._names.get(one, one) for one in message.label_ids)
        return Item(
            key=message.id,
            title=mail.subject or mail.sender or "(no subject)",
            cursor=str(place),
            subject=message.thread_id or None,
            content={**mail.content(), "id": message.id, "thread_id": message.thread_id, "labels": named},
        )


def _candidates(page: History, label: str, history: str) -> Iterator[Candidate]:
    """Yield the messages of a page, each once; the history moves behind a change with its last message."""
    labelled: dict[str, bool] = {}
    change_of: dict[str, str] = {}
    for record in page.history:
        now = [change for change in record.labels_added if label in change.label_ids]
        for change in (*record.messages_added, *now):
            had = label in {*change.message.label_ids, *change.label_ids}
            labelled[change.message.id] = labelled.get(change.message.id, False) or had
            change_of.setdefault(change.message.id, record.id)
    last_of = {number: identity for identity, number in change_of.items()}
    for identity, number in change_of.items():
        history = number if last_of[number] == identity else history
        yield Candidate(identity, labelled=labelled[identity], history=history)


def _batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    size = 0
    for message in messages:
        if batch and (len(batch) == READ_AT_ONCE or size + message.size_estimate > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += message.size_estimate
    if batch:
        yield batch


def _fits(text: str, pattern: str) -> bool:
    """Only * and ? are special: subjects such as [Shop] Order are common."""
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]") or "*")
