"""Zapier's apps that have a counterpart here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from hub.foreign.letters import small_letters
from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost
from hub.foreign.zapier.kinds import app_of
from hub.foreign.zapier.values import Values

# Zapier's words for comparisons; those with a not before them have none
MATCHES = {
    "icontains": "contains", "contains": "contains", "inotcontains": "not_contains", "iexact": "equals",
    "exact": "equals", "inotexact": "not_equals", "istartswith": "starts_with", "startswith": "starts_with",
    "iendswith": "ends_with", "endswith": "ends_with", "igreater": "greater", "greater": "greater", "iless": "less",
    "less": "less", "inumberexact": "equals", "dafter": "after", "dbefore": "before", "dequals": "equals",
    "iexists": "is_set", "exists": "is_set", "inotexists": "is_empty", "notexists": "is_empty", "in": "in",
    "itrue": "equals", "btrue": "equals", "ifalse": "equals", "bfalse": "equals",
}  # fmt: skip
_UNITS = {"minutes": "m", "minute": "m", "hours": "h", "hour": "h", "days": "d", "day": "d", "weeks": "w", "week": "w"}
# Marks a filter that a path begins with
CASE = "$case"
_SLACK = "https://slack.com/api/chat.postMessage"


def _condition(params: Mapping[str, Any], values: Values) -> dict[str, Any] | None:
    """Return a filter's condition: what is in one group holds together, one group is enough."""
    criteria = params.get("filter_criteria")
    groups: dict[Any, list[dict[str, Any]]] = {}
    for one in criteria if isinstance(criteria, list) else ():
        test = _test(one, values) if isinstance(one, dict) else None
        if test is None or one.get("action", "continue") != "continue":
            return None
        groups.setdefault(str(one.get("group")), []).append(test)
    joined = [tests[0] if len(tests) == 1 else {"all": tests} for tests in groups.values()]
    return (joined[0] if len(joined) == 1 else {"any": joined}) if joined else None


def _test(one: Mapping[str, Any], values: Values) -> dict[str, Any] | None:
    word = str(one.get("match") or "")
    if word not in MATCHES:
        return None
    left, operator = values.reference(str(one.get("key") or ""), "the filter's field"), MATCHES[word]
    if operator in {"is_set", "is_empty"}:
        return {"left": left, "is": operator}
    if word.endswith(("true", "false")):
        return {"left": left, "is": "equals", "right": word.endswith("true")}
    right: Any = values.value(one.get("value", ""), "the filter's value")
    if operator in {"greater", "less"} and isinstance(right, str) and right.replace(".", "", 1).lstrip("-").isdigit():
        right = float(right) if "." in right else int(right)
    if operator == "in":
        right = [part.strip() for part in str(right).split(",")]
    made = {"left": left, "is": operator, "right": right}
    return small_letters(made) if word.startswith("i") else made


def _filter(part: Part, given: Given, action: str) -> Turned:  # noqa: ARG001  # all translators take three
    """Go on only when the condition holds; the first filter of a path has become the path's case."""
    if part.settings.get(CASE):
        return Turned(dropped=True)
    values = Values(given)
    test = _condition(part.settings, values)
    if test is None:
        return lost("Let only some items pass.", "Write the condition anew.", "A comparison in it has no counterpart.")
    if given.forked:
        return Turned(uses="branch", settings={"cases": {"yes": test}}, cases={0: "yes"}, remarks=values.remarks)
    return Turned(uses="filter", settings=test, remarks=values.remarks)


def _paths(part: Part, given: Given, action: str) -> Turned:  # noqa: ARG001  # all translators take three
    """Split into paths: each begins with a filter, whose condition becomes the case."""
    values, cases = Values(given), dict[str, Any]()
    names: dict[int, str] = {}
    for place, child in enumerate(given.follows):
        test = _condition(child.settings, values) if app_of(child.kind) == "filter" else None
        name = names[place] = (
            child.title if child.title not in cases and "filter" not in child.title else f"path {place + 1}"
        )
        cases[name] = test or {"left": "{{ not_translated }}", "is": "is_set"}
    if not cases:
        return Turned(dropped=True)
    remarks = [*values.remarks]
    if len(cases) > 1:
        why = "A branch takes the first case that holds; Zapier goes every path whose rules hold."
        instead = "Where both may hold, use a branch with one case for each."
        remarks.append(Remark(kind=Loss.PARTLY, did="Split into paths.", why=why, instead=instead))
    return Turned(uses="branch", settings={"cases": cases}, cases=names, remarks=remarks)


def _delay(part: Part, given: Given, action: str) -> Turned | None:
    values, params = Values(given), part.settings
    if action == "delay_until":
        until = values.text(params.get("delay_until_date"), "delay_until_date")
        bare, _, offset = until.rpartition("}} ")
        remarks = [*values.remarks]
        if bare and offset:
            why = "A time before or after a date is not computed here."
            remarks.append(
                Remark(kind=Loss.PARTLY, did=f"Waited until {offset} of a date.", why=why, instead="Look at the date.")
            )
            until = f"{bare}}}}}"
        return Turned(uses="wait", settings={"until": until}, remarks=remarks)
    amount = str(
        params.get("delay_for_value") or params.get("time_value") or params.get("value") or params.get("amount") or ""
    )
    unit = _UNITS.get(str(params.get("delay_for_unit") or params.get("time_unit") or params.get("unit") or "").lower())
    if action in {"delay_for", "delay"} and unit and amount.isdigit():
        return Turned(uses="wait", settings={"duration": f"{amount}{unit}"}, remarks=values.remarks)
    return lost(
        "Waited, or slowed items down.", "A wait step waits; settings.concurrency says how many items go at once."
    )


def _webhook(part: Part, given: Given, action: str) -> Turned | None:
    """Call an address."""
    values, params = Values(given), part.settings
    method = {
        "post": "POST",
        "put": "PUT",
        "get": "GET",
        "custom_request": str(params.get("method") or "POST").upper(),
    }.get(action)
    if method is None:
        return None
    made: dict[str, Any] = {"url": values.text(params.get("url"), "url"), "method": method}
    headers = values.value(params.get("headers") if isinstance(params.get("headers"), dict) else {}, "headers")
    if kept := {name: value for name, value in headers.items() if value}:
        made["headers"] = kept
    given_data = params.get("data")
    body: Any = values.value(given_data if given_data is not None else params.get("querystring"), "data")
    if isinstance(body, str) and body.strip()[:1] in {"{", "["} and "{{" not in body:
        body = msgspec.json.decode(body) if _is_json(body) else body
    if method == "GET":
        made |= {"params": body} if isinstance(body, dict) and body else {}
        return Turned(uses="http.request", settings=made, out="body", remarks=values.remarks)
    if body:
        made["json" if isinstance(body, (dict, list)) else "text"] = body
    return Turned(uses="http.send", settings=made, out="body", remarks=values.remarks)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _mail(part: Part, given: Given, action: str) -> Turned | None:
    """Send a mail over SMTP."""
    if action not in {"message", "send_email", "outbound", "send", "email"}:
        return lost("Read, drafted or sorted mails.", "Mails are read by the trigger email.message_received.")
    values, params = Values(given), part.settings
    html = str(params.get("body_type", "")).lower() == "html" or bool(params.get("html_body"))
    made = {
        "to": values.value(params.get("to"), "to"),
        "subject": values.text(params.get("subject"), "subject"),
        "html" if html else "text": values.text(params.get("html_body") or params.get("body"), "body"),
    }
    made |= {name: values.value(params[name], name) for name in ("cc", "bcc") if params.get(name)}
    return Turned(
        uses="email.send", settings=made, connection="mail", out="", remarks=[*values.remarks, _account("mail")]
    )


def _slack(part: Part, given: Given, action: str) -> Turned | None:
    """Post a message over Slack's Web API."""
    if action not in {"channel_message", "direct_message", "private_channel_message"}:
        return lost("Did something in Slack besides posting.", "Call Slack's Web API with http.send over a connection.")
    values, params = Values(given), part.settings
    made = {"channel": values.value(params.get("channel"), "channel"), "text": values.text(params.get("text"), "text")}
    if params.get("thread_ts"):
        made["thread_ts"] = values.text(params["thread_ts"], "thread_ts")
    why = "Messages are posted by Slack's Web API here, over an HTTP connection."
    remark = Remark(kind=Loss.PARTLY, did="Posted to Slack.", why=why, instead="The connection allows slack.com.")
    settings = {"url": _SLACK, "method": "POST", "json": made}
    remarks: Sequence[Remark] = [*values.remarks, remark, _account("slack")]
    return Turned(uses="http.send", settings=settings, connection="slack", out="body", remarks=remarks)


def _account(name: str) -> Remark:
    return Remark(
        kind=Loss.CONNECTION,
        did="Used a connected account.",
        why="Accounts are not part of an export.",
        instead=f"Make a connection named {name!r}, or choose another one.",
    )


STEPS: Mapping[str, Callable[[Part, Given, str], Turned | None]] = {
    "filter": _filter, "branching": _paths, "paths": _paths, "delay": _delay, "webhook": _webhook,
    "webhooks": _webhook, "email": _mail, "gmail": _mail, "googlemail": _mail, "smtp": _mail, "zapiermail": _mail,
    "slack": _slack,
}  # fmt: skip
