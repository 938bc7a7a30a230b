"""Notices: one message to any of the many services that apprise knows, such as ntfy, Gotify, Matrix or Pushover."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from connectors.notify.courier import Courier
from connectors.notify.letters import Fate, File, Notice, Outcome
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    ConnectorError,
    Context,
    CredentialsError,
    Effect,
    Receipt,
    Record,
    Secret,
    Settings,
    SettingsError,
    Shape,
    TemporaryError,
    field,
)

MOST_URLS, MOST_BYTES = 20, 10 * 1024 * 1024


class Connection(Settings):
    """Whom to tell, by apprise's addresses."""

    urls: Annotated[
        Secret,
        field(
            "Addresses",
            hint="Separated by spaces or one a line, such as ntfys://ntfy.sh/topic gotifys://host/token.",
            multiline=True,
        ),
    ]


class Message(Settings):
    """What to say."""

    title: Annotated[str, field("Title", example="Invoice {{ read.number }}", templated=True)] = ""
    text: Annotated[str, field("Text", multiline=True, templated=True)]
    format: Annotated[Literal["markdown", "text", "html"], field("Text is", advanced=True)] = "markdown"
    kind: Annotated[Literal["info", "success", "warning", "failure"], field("Kind", hint="Some services show it.")] = (
        "info"
    )
    files: Annotated[
        Any,
        field(
            "Files", hint="For services that take them.", example="{{ trigger.attachments }}", templated=True,
            shape=Shape.FILE,
        ),
    ] = None  # fmt: skip
    one_is_enough: Annotated[
        bool, field("One is enough", hint="Count it as delivered once one of the addresses has it.", advanced=True)
    ] = False


connector = Connector(
    "notify",
    "Notices",
    icon="campaign",
    connection=Connection,
    category=Category.CHAT,
    tried="apprise against local peers of ntfy, Gotify, Mattermost and its JSON, XML and form hooks",
)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """See whether apprise can read each address; nothing is sent."""
    outcomes = await _courier(context, Notice(urls=_urls(connection), only_look=True))
    if wrong := [one for one in outcomes if one.fate is not Fate.SENT]:
        raise SettingsError(_sentence(wrong, outcomes))


@connector.target("Send a notice", effect=Effect.SEND)
async def send(context: Context[Connection, Message], _: Record) -> Receipt:
    """Send one notice for the record to every address of the connection.

    Gives how many were `told`, and the `results` with the `service`, whether it was `told`, and why not.
    """
    settings = context.settings
    if not settings.text.strip() and not settings.title.strip():
        raise SettingsError("There is nothing to say: title and text are empty.")
    notice = Notice(
        urls=_urls(context.connection),
        title=settings.title,
        body=settings.text,
        format=settings.format,
        kind=settings.kind,
        files=await _files(context),
    )
    outcomes = await _courier(context, notice)
    told = [one for one in outcomes if one.fate is Fate.SENT]
    if len(told) < len(outcomes) and not (told and settings.one_is_enough):
        raise _failure(outcomes)
    results = [{"service": one.service, "told": one.fate is Fate.SENT, "message": one.message} for one in outcomes]
    return Receipt(output={"told": len(told), "results": results})


@send.preview
async def preview(context: Context[Connection, Message], records: Sequence[Record]) -> list[list[Change]]:
    """Show what would be said, and to which services."""
    settings = context.settings
    outcomes = await _courier(context, Notice(urls=_urls(context.connection), only_look=True))
    shown = {"services": [one.service for one in outcomes], "title": settings.title, "text": settings.text}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


async def _courier(context: Context[Connection, Any], notice: Notice) -> Sequence[Outcome]:
    async def opened() -> Courier:
        return Courier(context.dial)

    courier: Courier = await context.pool(opened)
    try:
        return await courier.send(notice)
    except TimeoutError as error:
        raise TemporaryError("The services did not answer in time.", uncertain=not notice.only_look) from error


def _urls(connection: Connection) -> list[str]:
    urls = connection.urls.reveal().split()
    if not urls or len(urls) > MOST_URLS:
        raise CredentialsError(f"The connection must hold between one and {MOST_URLS} addresses, separated by spaces.")
    return urls


async def _files(context: Context[Connection, Message]) -> list[File]:
    given = context.settings.files
    found, size = [], 0
    for one in given if isinstance(given, (list, tuple)) else [given] if given else []:
        named: Mapping[str, Any] = one if isinstance(one, Mapping) else {"file": one}
        content = await context.files.open(str(named.get("file") or ""))
        size += len(content)
        if size > MOST_BYTES:
            raise SettingsError(f"The files are larger than {MOST_BYTES // 1024 // 1024} MB together.")
        name = str(named.get("name") or "file")
        kind = str(named.get("media_type") or mimetypes.guess_type(name)[0] or "application/octet-stream")
        found.append(File(name, kind, content))
    return found


def _failure(outcomes: Sequence[Outcome]) -> ConnectorError:
    """Return the error of what was not delivered; what some have already is not sent again by itself."""
    failed = [one for one in outcomes if one.fate is not Fate.SENT]
    sentence, fates = _sentence(failed, outcomes), {one.fate for one in failed}
    if len(failed) < len(outcomes):
        return SettingsError(f"{sentence} The others have it; if the item is replayed, they get it again.")
    if Fate.SETTINGS in fates:
        return SettingsError(sentence)
    if Fate.CREDENTIALS in fates:
        return CredentialsError(sentence)
    return TemporaryError(sentence, uncertain=Fate.UNCERTAIN in fates)


def _sentence(failed: Sequence[Outcome], outcomes: Sequence[Outcome]) -> str:
    if len(outcomes) == 1:
        return f"{failed[0].service or 'The address'}: {failed[0].message}"
    said = " ".join(
        f"{one.service or 'An address'} (number {outcomes.index(one) + 1}): {one.message}" for one in failed
    )
    return f"{len(failed)} of {len(outcomes)} were not told. {said}"
