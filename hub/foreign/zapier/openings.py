"""Zapier's triggers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hub.foreign.shapes import Loss, Opened, Part, Remark
from hub.foreign.sight import Sight
from hub.foreign.times import at, every

MAIL = {"from": "sender", "from_email": "sender", "body_plain": "text", "body_html": "html", "raw__from": "sender"}
_HOUR = re.compile(r"^(\d{1,2})(?::(\d{2}))?\s*(am|pm)?$", re.IGNORECASE)


def _webhook(part: Part, action: str) -> Opened | None:  # noqa: ARG001  # all translators take both
    if "hook" not in action:
        return None
    why = "A recipe's webhook has an address of its own."
    remark = Remark(
        kind=Loss.LEFT_OUT,
        did="Listened at an address of Zapier.",
        why=why,
        instead="Give the new address to whoever calls.",
    )
    named = {"querystring": ("trigger.query",), "headers": ("trigger.headers",), "raw_body": ("trigger.body",)}
    return Opened(uses="webhook.received", sight=Sight(whole=("trigger.body",), named=named), remarks=[remark])


def _schedule(part: Part, action: str) -> Opened | None:
    params, word = part.settings, action.replace("_", "").lower()
    hour, minute = _hour(str(params.get("hod") or params.get("time") or "0"))
    due: dict[str, str] | None = None
    if word == "everyhour":
        due = every(1, "h")
    elif word == "everyday":
        workdays = range(1, 6) if str(params.get("weekends", "yes")).lower() in {"no", "false"} else ()
        due = at(hour, minute, weekdays=list(workdays))
    elif word == "everyweek":
        due = at(hour, minute, weekdays=[params.get("dow", "Monday")])
    elif word == "everymonth":
        day = str(params.get("dom") or params.get("day") or "1")
        due = at(hour, minute, day=int(day) if day.isdigit() else None)
    remarks = []
    if due is None:
        why = "The rule of the schedule is not known here."
        remarks.append(
            Remark(kind=Loss.PARTLY, did=f"Started {action.replace('_', ' ')}.", why=why, instead="Set the schedule.")
        )
    sight = Sight(named={"date_time": ("trigger.due",), "id": ("trigger.due",)})
    return Opened(uses="schedule.due", settings=due or {"every": "1d"}, sight=sight, remarks=remarks)


def _hour(text: str) -> tuple[int, int]:
    """Read `3pm`, `8:30am` or `15`."""
    found = _HOUR.match(text.strip())
    if found is None:
        return 0, 0
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, minute


def _mail(part: Part, action: str) -> Opened | None:  # noqa: ARG001  # all translators take both
    remarks = [
        Remark(
            kind=Loss.PARTLY,
            did="Received mails at an address or account that Zapier read.",
            why="Mails are read over IMAP here.",
            instead="Make a connection to the mailbox.",
        )
    ]
    settings: dict[str, Any] = {"folder": str(part.settings.get("mailbox") or "INBOX"), "existing": "skip"}
    if subject := part.settings.get("subject"):
        settings["subject"] = f"*{subject}*"
    return Opened(
        uses="email.message_received",
        settings=settings,
        connection="mailbox",
        sight=Sight(whole=("trigger",), renames=MAIL),
        remarks=remarks,
    )


def _feed(part: Part, action: str) -> Opened | None:  # noqa: ARG001  # all translators take both
    url = part.settings.get("feed_url") or part.settings.get("url") or ""
    names = {"description": "summary", "date_published": "published", "pubDate": "published", "guid": "id"}
    sight = Sight(whole=("trigger",), renames=names)
    return Opened(uses="rss.new_entry", settings={"url": str(url), "existing": "skip"}, sight=sight)


OPENINGS: Mapping[str, Callable[[Part, str], Opened | None]] = {
    "webhook": _webhook, "webhooks": _webhook, "schedule": _schedule, "rss": _feed, "emailparser": _mail,
    "email": _mail, "gmail": _mail, "googlemail": _mail, "imap": _mail, "zapiermail": _mail,
}  # fmt: skip
