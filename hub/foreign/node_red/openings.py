"""Node-RED's nodes that begin a flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.foreign.node_red.values import literal
from hub.foreign.shapes import Loss, Opened, Part, Remark
from hub.foreign.sight import Sight
from hub.foreign.times import every

# They begin a flow, and have no counterpart
OTHERS = frozenset({
    "mqtt in", "tcp in", "udp in", "websocket in", "serial in", "catch", "watch", "tail", "twitter in", "ui_button",
})  # fmt: skip


def _http(part: Part) -> Opened:
    """Take requests: a post's body is the payload, and the query is one for a get."""
    method, url = str(part.settings.get("method") or "get").lower(), str(part.settings.get("url") or "/")
    address = Remark(
        kind=Loss.LEFT_OUT,
        did=f"Listened at {url}.",
        why="A recipe's webhook has an address of its own.",
        instead="Give the new address to whoever calls.",
    )
    remarks = [address]
    if method == "get":
        why = "Webhooks here take POST."
        remarks.append(Remark(kind=Loss.PARTLY, did="Was called with GET.", why=why, instead="Let the sender POST."))
    if ":" in url:
        why = "Addresses of webhooks have no names in their path."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Took values out of its path.", why=why, instead="Send them in the query.")
        )
    payload = "trigger.query" if method == "get" else "trigger.body"
    named = {
        "payload": (payload,), "req.body": ("trigger.body",), "req.query": ("trigger.query",),
        "req.headers": ("trigger.headers",),
    }  # fmt: skip
    return Opened(uses="webhook.received", sight=Sight(named=named), remarks=remarks)


def _inject(part: Part) -> Opened:
    """Start by hand, every so often, or by a cron line; what it brings along is written where it is read."""
    settings = part.settings
    repeat, cron = str(settings.get("repeat") or ""), str(settings.get("crontab") or "")
    sight = Sight(named={name: (path,) for name, path in _props(part).items()})
    if cron:
        return Opened(uses="schedule.due", settings={"cron": cron}, sight=sight)
    if repeat.replace(".", "", 1).isdigit() and float(repeat) > 0:
        return Opened(uses="schedule.due", settings=every(float(repeat), "s"), sight=sight)
    told = ", ".join(
        f"{name} {path}" for name, path in _props(part).items() if path.startswith('"') or path[:1].isdigit()
    )
    words = "Started by hand" + (f" with {told[:200]}." if told else ".")
    remark = Remark(
        kind=Loss.LEFT_OUT,
        did=words,
        why="An item is given by hand here.",
        instead="Give an item with payload (and topic) when you start it.",
    )
    manual = Sight(named={"payload": ("trigger.payload",), "topic": ("trigger.topic",)}, whole=("trigger",))
    return Opened(uses="manual.submitted", sight=manual, by_hand=True, remarks=[remark])


def _props(part: Part) -> dict[str, str]:
    """Return the Liquid for each property that the node sets."""
    settings, found = part.settings, dict[str, str]()
    listed = settings.get("props")
    props = listed if isinstance(listed, list) else [{"p": "payload"}, {"p": "topic", "vt": "str"}]
    for one in props:
        if not isinstance(one, dict) or not isinstance(one.get("p"), str):
            continue
        name = one["p"]
        if name == "payload":
            value, kind = settings.get("payload"), settings.get("payloadType", "date")
        elif name == "topic" and "v" not in one:
            value, kind = settings.get("topic"), "str"
        else:
            value, kind = one.get("v"), one.get("vt", "str")
        path = literal(value, str(kind))
        if path is not None:
            found[name] = path
    return found


def _feed(part: Part) -> Opened:
    minutes = part.settings.get("interval", 15)
    settings = {"url": str(part.settings.get("url") or ""), "existing": "skip"}
    if str(minutes).isdigit():
        settings["every"] = f"{minutes}m"
    named = {"payload": ("trigger.content",), "article": ("trigger",), "topic": ("trigger.link",)}
    return Opened(uses="rss.new_entry", settings=settings, sight=Sight(named=named))


def _mail(part: Part) -> Opened:
    folder = str(part.settings.get("box") or "INBOX")
    named = {
        "payload": ("trigger.text",), "html": ("trigger.html",), "topic": ("trigger.subject",),
        "from": ("trigger.sender",), "attachments": ("trigger.attachments",), "date": ("trigger.date",),
    }  # fmt: skip
    remark = Remark(
        kind=Loss.CONNECTION,
        did="Used a mailbox.",
        why="Its password is not part of an export.",
        instead="Make a connection named 'mailbox', or choose another one.",
    )
    return Opened(
        uses="email.message_received",
        settings={"folder": folder, "existing": "skip"},
        connection="mailbox",
        sight=Sight(named=named),
        remarks=[remark],
    )


OPENINGS: Mapping[str, Callable[[Part], Opened]] = {
    "http in": _http, "inject": _inject, "feedparse": _feed, "e-mail in": _mail,
}  # fmt: skip
