"""n8n's triggers: how a workflow begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hub.foreign.n8n.kinds import short
from hub.foreign.shapes import Loss, Opened, Part, Remark
from hub.foreign.sight import Sight
from hub.foreign.times import at, every

MAIL = {"from": "sender", "textPlain": "text", "textHtml": "html", "date": "date"}
FEED = {"pubDate": "published", "isoDate": "published", "contentSnippet": "summary", "creator": "author", "guid": "id"}
FILE = {"path": "path", "directory": "path"}
_NAMED = re.compile(r":[A-Za-z_]\w*")
_INTERVALS = {"seconds": "s", "minutes": "m", "hours": "h", "days": "d", "weeks": "w"}


def _webhook(part: Part) -> Opened:
    settings, remarks = part.settings, []
    path = str(settings.get("path") or "")
    if _NAMED.search(path):
        remarks.append(
            _partly("Took values out of its path.", "Send them as query or body.", "Paths have no names here.")
        )
    if settings.get("authentication") not in {None, "", "none"}:
        remarks.append(
            _partly(
                f"Asked its callers for {settings['authentication']}.",
                "Make a connection for webhooks that says how calls are signed, and choose it at the trigger.",
                "The credentials are not part of an export.",
            )
        )
    if str(settings.get("httpMethod", "GET")).upper() == "GET":
        remarks.append(
            _partly("Was called with GET.", "Let the sender POST to the new address.", "Webhooks here take POST.")
        )
    remarks.append(
        Remark(
            kind=Loss.LEFT_OUT,
            did=f"Listened at {path or 'its own address'}.",
            why="A recipe's webhook has an address of its own.",
            instead="Give the new address to whoever calls.",
        )
    )
    return Opened(uses="webhook.received", remarks=remarks)


def _schedule(part: Part) -> Opened:
    rule = part.settings.get("rule")
    listed = rule.get("interval") if isinstance(rule, dict) else part.settings.get("triggerTimes", {})
    listed = listed.get("item") if isinstance(listed, dict) else listed
    times = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not times and short(part.kind) == "interval":
        times = [
            {
                "field": part.settings.get("unit", "seconds"),
                f"{part.settings.get('unit', 'seconds')}Interval": part.settings.get("interval", 1),
            }
        ]
    first = _due(times[0] if times else {"field": "days"})
    remarks = []
    if first is None:
        remarks.append(
            _partly("Started at times that cannot be said here.", "Set the schedule.", "The rule is not known.")
        )
    if len(times) > 1:
        remarks.append(
            _partly(
                f"Had {len(times)} times.",
                "Write one cron line for all, or copy the recipe.",
                "A recipe has one schedule.",
            )
        )
    sight = Sight(named={"timestamp": ("trigger.due",), "Readable date": ("trigger.due",)})
    return Opened(uses="schedule.due", settings=first or {"every": "1d"}, sight=sight, remarks=remarks)


def _due(rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an interval or a cron line for one rule of the schedule node, or of its older forms."""
    field = str(rule.get("field") or rule.get("mode") or "days")
    if field in {"cronExpression", "custom"}:
        line = str(rule.get("expression") or rule.get("cronExpression") or "").strip()
        words = line.split()
        return {"cron": " ".join(words[-5:])} if len(words) in {5, 6} and "=" not in line else None
    hour, minute = _number(rule, "triggerAtHour", "hour"), _number(rule, "triggerAtMinute", "minute")
    named = {
        "everyMinute": "minutes",
        "everyHour": "hours",
        "everyDay": "days",
        "everyWeek": "weeks",
        "everyMonth": "months",
        "everyX": str(rule.get("unit", "hours")),
    }
    field = named.get(field, field)
    count = _number(rule, f"{field}Interval", "value") or 1
    if field == "weeks":
        days = rule.get("triggerAtDay", rule.get("weekday", [0]))
        return at(hour, minute, weekdays=days if isinstance(days, list) else [days]) if count == 1 else None
    if field == "months":
        return at(hour, minute, day=_number(rule, "triggerAtDayOfMonth", "dayOfMonth") or 1) if count == 1 else None
    if field == "days":
        return at(hour, minute) if count == 1 else every(count, "d")
    return every(count, _INTERVALS[field]) if field in _INTERVALS else None


def _mail(part: Part) -> Opened:
    options = part.settings.get("options")
    unseen = isinstance(options, dict) and "UNSEEN" in str(options.get("customEmailConfig", ""))
    folder = str(part.settings.get("mailbox") or "INBOX")
    settings: dict[str, Any] = {"folder": folder, "existing": "skip", **({"unseen": True} if unseen else {})}
    return Opened(
        uses="email.message_received",
        settings=settings,
        connection=part.credential or "mailbox",
        sight=Sight(whole=("trigger",), renames=MAIL),
        remarks=[_credentials(part, "mailbox")],
    )


def _gmail(part: Part) -> Opened:
    remark = _partly(
        "Read mails over Gmail's own interface.",
        "Make a connection to the mailbox with an app password; labels are folders there.",
        "Mails are read over IMAP here.",
    )
    names = {**MAIL, "snippet": "text", "id": "message_id", "From": "sender", "Subject": "subject", "To": "to"}
    return Opened(
        uses="email.message_received",
        settings={"folder": "INBOX", "existing": "skip"},
        connection=part.credential or "mailbox",
        sight=Sight(whole=("trigger",), renames=names),
        remarks=[remark, _credentials(part, "mailbox")],
    )


def _feed(part: Part) -> Opened:
    settings = {"url": str(part.settings.get("feedUrl") or part.settings.get("url") or ""), "existing": "skip"}
    return Opened(uses="rss.new_entry", settings=settings, sight=Sight(whole=("trigger",), renames=FEED))


def _folder(part: Part) -> Opened:
    settings = {"directory": str(part.settings.get("path") or ""), "existing": "skip"}
    remark = _partly(
        "Watched a folder of the machine that n8n ran on.",
        "Let the operator open the folder (FOLDER_ROOTS) and set it here.",
        "Folders are opened to the hub by its operator.",
    )
    return Opened(
        uses="folder.file_added", settings=settings, sight=Sight(whole=("trigger",), renames=FILE), remarks=[remark]
    )


def _manual(part: Part) -> Opened:  # noqa: ARG001  # all translators take the part
    return Opened(uses="manual.submitted", by_hand=True)


def _called(part: Part) -> Opened:  # noqa: ARG001  # all translators take the part
    words = "A recipe that others call needs no trigger of its own for it."
    remark = Remark(
        kind=Loss.LEFT_OUT, did="Was started by other workflows.", why=words, instead="Call it with a recipe step."
    )
    return Opened(uses="manual.submitted", remarks=[remark])


def _form(part: Part) -> Opened:  # noqa: ARG001  # all translators take the part
    remark = _partly(
        "Showed a form to fill in.",
        "Let a form of yours send to the webhook; its fields stand in trigger.body.",
        "There are no public forms here.",
    )
    return Opened(uses="webhook.received", sight=Sight(whole=("trigger.body",)), remarks=[remark])


def _partly(did: str, instead: str, why: str) -> Remark:
    return Remark(kind=Loss.PARTLY, did=did, why=why, instead=instead)


def _credentials(part: Part, otherwise: str) -> Remark:
    return Remark(
        kind=Loss.CONNECTION,
        did=f"Used the credentials {part.credential!r}." if part.credential else "Used credentials.",
        why="Credentials are not part of an export.",
        instead=f"Make a connection named {part.credential or otherwise!r}, or choose another one.",
    )


def _number(rule: Mapping[str, Any], *names: str) -> int:
    found = next((rule[name] for name in names if name in rule), 0)
    return (
        found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= 100_000 else 0
    )  # beyond is no time


OPENINGS: Mapping[str, Callable[[Part], Opened]] = {
    "webhook": _webhook, "scheduleTrigger": _schedule, "cron": _schedule, "interval": _schedule,
    "emailReadImap": _mail, "gmailTrigger": _gmail, "rssFeedReadTrigger": _feed, "localFileTrigger": _folder,
    "manualTrigger": _manual, "start": _manual, "executeWorkflowTrigger": _called, "formTrigger": _form,
}  # fmt: skip
