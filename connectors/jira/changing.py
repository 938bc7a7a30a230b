"""Changes to an issue of Jira: its fields, and the way from one status to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from connectors.jira.connection import Connection, call
from connectors.jira.documents import document, plain
from connectors.jira.issues import Issue, keyed, one_of
from connectors.jira.settings import Key
from connectors.jira.writing import Labels, More, Text
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.records.names import names


class Update(Settings):
    """Which issue, and what of it changes; what is left empty stays as it is."""

    issue: Key
    summary: Annotated[str, field("Summary", templated=True)] = ""
    text: Text = ""
    labels: Labels = None
    priority: Annotated[str, field("Priority", hint="As Jira names it.", example="High", templated=True)] = ""
    fields: More = {}


class Move(Settings):
    """Which issue, and where it goes."""

    issue: Key
    status: Annotated[
        str,
        field("Status", hint="Or the name of the step that leads to it.", example="Done", templated=True),
    ]


async def changes(context: Context[Connection, Update]) -> tuple[Issue, dict[str, Any], dict[str, Any]]:
    """Return the issue as it stands, which fields would change, and how they are before."""
    settings = context.settings
    after: dict[str, Any] = {}
    if settings.summary.strip():
        after["summary"] = " ".join(settings.summary.split())
    if settings.text.strip():
        after["description"] = document(settings.text)
    if settings.labels not in (None, ""):
        after["labels"] = names(settings.labels, "Labels", "words")
    if settings.priority.strip():
        after["priority"] = {"name": settings.priority.strip()}
    after |= settings.fields
    if not after:
        raise SettingsError("There is nothing to change: fill in what should be different.")
    issue = await one_of(context, settings.issue, list(settings.fields))
    differing = {name: value for name, value in after.items() if not _is_as(issue.fields.get(name), value)}
    return issue, differing, {name: issue.fields.get(name) for name in differing}


async def update(context: Context[Connection, Update]) -> Receipt:
    """Change the fields, and keep how they were."""
    issue, after, before = await changes(context)
    if after:
        await call(context, "PUT", f"issue/{issue.key}", body={"fields": after})
    return _receipt(context, issue.key, before, after)


async def find_update(context: Context[Connection, Update], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the issue is already as it should be."""
    issue, after, _before = await changes(context)
    return None if after else _receipt(context, issue.key)


async def restore(context: Context[Connection, Update], receipt: Receipt) -> Receipt:
    """Put the fields back where they still are as they were written."""
    if not isinstance(receipt.after, Mapping) or not isinstance(receipt.before, Mapping):
        raise SettingsError("How the issue was before is not known, so this cannot be undone.")
    issue = await one_of(context, str(receipt.reference), list(receipt.after))
    if any(not _is_as(issue.fields.get(name), value) for name, value in receipt.after.items()):
        raise SettingsError(f"{issue.key} has been changed again, so it stays as it is.")
    if receipt.before:
        before = {name: _settable(value) for name, value in receipt.before.items()}
        await call(context, "PUT", f"issue/{issue.key}", body={"fields": before})
    return receipt


async def standing(context: Context[Connection, Any], key: str) -> str:
    """Return the name of an issue's status."""
    status = (await one_of(context, key)).fields.get("status")
    return str(status.get("name", "")) if isinstance(status, Mapping) else ""


async def move(context: Context[Connection, Move]) -> Receipt:
    """Take the step that leads to the status; an issue that is there already stays."""
    settings = context.settings
    before = await standing(context, settings.issue)
    if _same(before, settings.status):
        return _moved(context, before, before)
    return _moved(context, before, await _step(context, settings.issue, settings.status))


async def find_move(context: Context[Connection, Move], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the issue has the status already."""
    now = await standing(context, context.settings.issue)
    return _moved(context, now, now) if _same(now, context.settings.status) else None


async def move_back(context: Context[Connection, Move], receipt: Receipt) -> Receipt:
    """Take a step back to the former status where the issue still is where it was moved to."""
    if not isinstance(receipt.after, Mapping) or not isinstance(receipt.before, Mapping):
        raise SettingsError("Where the issue was before is not known, so this cannot be undone.")
    key, former, then = str(receipt.reference), str(receipt.before["status"]), str(receipt.after["status"])
    if not _same(await standing(context, key), then):
        raise SettingsError(f"{key} has been moved again, so it stays where it is.")
    if not _same(former, then):
        await _step(context, key, former)
    return receipt


class _Status(msgspec.Struct):
    name: str = ""


class _Transition(msgspec.Struct):
    id: str
    name: str = ""
    to: _Status = msgspec.field(default_factory=_Status)


class _Transitions(msgspec.Struct):
    transitions: list[_Transition] = []


async def _step(context: Context[Connection, Any], key: str, status: str) -> str:
    """Take the step to a status, or the one of a name; returns the status that it leads to."""
    path = f"issue/{keyed(key)}/transitions"
    steps = (await call(context, "GET", path)).read(_Transitions).transitions
    found = next((one for one in steps if _same(one.to.name, status)), None)
    found = found or next((one for one in steps if _same(one.name, status)), None)
    if found is None:
        ways = ", ".join(dict.fromkeys(one.to.name for one in steps)) or "nowhere"
        raise SettingsError(f"{key.strip()} cannot go to {status[:60]!r} from where it is. It can go to: {ways[:200]}.")
    await call(context, "POST", path, body={"transition": {"id": found.id}})
    return found.to.name


def _same(first: str, second: str) -> bool:
    return first.strip().casefold() == second.strip().casefold()


def _is_as(stands: Any, written: Any) -> bool:
    """Compare a field with what was written: Jira adds to what it is given, and keeps documents in its own way."""
    if isinstance(written, Mapping):
        if written.get("type") == "doc":
            return plain(stands) == plain(written)
        return isinstance(stands, Mapping) and all(_is_as(stands.get(name), one) for name, one in written.items())
    if isinstance(written, list):
        return isinstance(stands, list) and len(stands) == len(written) and all(map(_is_as, stands, written))
    return bool(stands == written)


def _settable(value: Any) -> Any:
    """Return a value as it is set: of a choice or a person the id is enough."""
    if isinstance(value, list):
        return [_settable(one) for one in value]
    if isinstance(value, Mapping) and value.get("type") != "doc":
        return next(({name: value[name]} for name in ("accountId", "id") if name in value), value)
    return value


def _receipt(context: Context[Connection, Any], key: str, before: Any = None, after: Any = None) -> Receipt:
    url = f"{context.connection.root}/browse/{key}"
    return Receipt(reference=key, url=url, output={"key": key, "url": url}, before=before, after=after)


def _moved(context: Context[Connection, Move], before: str, after: str) -> Receipt:
    receipt = _receipt(context, keyed(context.settings.issue), {"status": before}, {"status": after})
    return msgspec.structs.replace(receipt, output={**receipt.output, "status": after})
