"""Node-RED's nodes that have a counterpart here; a message's properties are followed from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.foreign.node_red.values import UNKNOWN, Values, way
from hub.foreign.secrets import PUT_FOR, is_secret_name
from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost

RULES = {
    "eq": "equals", "neq": "not_equals", "lt": "less", "lte": "at_most", "gt": "greater", "gte": "at_least",
    "cont": "contains", "regex": "matches", "btwn": "between",
}  # fmt: skip
_ALONE = {"null": "is_empty", "empty": "is_empty", "nnull": "is_set", "nempty": "is_set"}
_UNITS = {"milliseconds": "ms", "seconds": "s", "minutes": "m", "hours": "h", "days": "d", "millisecond": "ms"}
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def _change(part: Part, given: Given) -> Turned:
    """Set, move or delete properties: those that are set become fields of a set step."""
    values, rules = Values(given), part.settings.get("rules")
    if not isinstance(rules, list):
        rules = [{**part.settings, "t": part.settings.get("action"), "p": part.settings.get("property"), "tot": "str"}]
    fields: dict[str, Any] = {}
    for rule in (one for one in rules if isinstance(one, dict)):
        kind, name = str(rule.get("t") or "set"), str(rule.get("p") or "")
        if rule.get("pt", "msg") != "msg":
            why = "Recipes keep nothing between items but datasets."
            values.remarks.append(
                Remark(kind=Loss.PARTLY, did=f"Set {name} in a context.", why=why, instead="Keep it in a dataset.")
            )
        elif kind == "set":
            fields[_field(name)] = values.typed(rule.get("to"), str(rule.get("tot") or "str"), name)
        elif kind == "move":
            fields[_field(str(rule.get("to") or ""))] = values.path(name, name)
        elif kind == "change":
            fields[_field(name)] = _replaced(rule, values, name)
    if not fields:
        return Turned(dropped=True, remarks=values.remarks)
    named = {name: name for name in fields}
    return Turned(uses="set", settings={"fields": fields}, named=named, remarks=values.remarks)


def _field(name: str) -> str:
    """Return the name of a field for a property with a path: its last name stays readable."""
    return "_".join(str(one) for one in way(name)) or "value"


def _replaced(rule: Mapping[str, Any], values: Values, name: str) -> str:
    """Search and replace in a text."""
    old, new = str(rule.get("from") or ""), str(rule.get("to") or "")
    path = values.path(name, name)
    if rule.get("fromt", "str") != "str" or rule.get("tot", "str") != "str" or '"' in old + new or path == UNKNOWN:
        return values.typed(f"{name}: {old}", "jsonata", name) if path != UNKNOWN else path
    return f'{path[:-2].rstrip()} | replace: "{old}", "{new}" }}}}'


def _switch(part: Part, given: Given) -> Turned:
    """Branch by the value of one property."""
    values, settings = Values(given), part.settings
    left = values.typed(settings.get("property", "payload"), str(settings.get("propertyType") or "msg"), "property")
    cases: dict[str, Any] = {}
    names: dict[int, str] = {}
    otherwise = None
    rules = settings.get("rules")
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        name = names[place] = f"case {place + 1}"
        if isinstance(rule, dict) and rule.get("t") == "else":
            otherwise = names[place] = "otherwise"
            continue
        test = _test(left, rule, values) if isinstance(rule, dict) else None
        if test is None:
            return lost("Branched by rules.", "Write the cases anew.", f"The rule {place + 1} has no counterpart.")
        cases[name] = test
    if not cases:
        return lost("Branched by rules.", "Write the cases anew.", "It has no rules.")
    remarks = [*values.remarks]
    if str(settings.get("checkall", "true")) == "true" and len(cases) > 1:
        why = "A branch takes the first case that holds."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Went all ways whose rule held.", why=why, instead="Use when on the steps.")
        )
    made = {"cases": cases, **({"else": otherwise} if otherwise else {})}
    return Turned(uses="branch", settings=made, cases=names, remarks=remarks)


def _test(left: Any, rule: Mapping[str, Any], values: Values) -> dict[str, Any] | None:
    kind = str(rule.get("t"))
    if kind in {"true", "false"}:
        return {"left": left, "is": "equals", "right": kind == "true"}
    if kind in _ALONE:
        return {"left": left, "is": _ALONE[kind]}
    if kind not in RULES or rule.get("vt") in {"prev", "jsonata", "flow", "global", "env"}:
        return None
    right = values.typed(rule.get("v"), str(rule.get("vt") or "str"), "the rule's value")
    if kind == "btwn":
        right = [right, values.typed(rule.get("v2"), str(rule.get("v2t") or "num"), "the rule's value")]
    return {"left": left, "is": RULES[kind], "right": right}


def _request(part: Part, given: Given) -> Turned:
    """Ask a service, or send the payload to one."""
    values, settings = Values(given), part.settings
    method = str(settings.get("method") or "GET").upper()
    remarks = []
    if method == "USE":
        why = "The method is set in a recipe, not by an item."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Took its method from the message.", why=why, instead="Choose the method.")
        )
        method = "POST"
    address = str(settings.get("url") or "")
    url = values.mustache(address, "url").replace(PUT_FOR, "") if address else values.path("url", "url")
    made: dict[str, Any] = {"url": url, "method": method}
    headers = _headers(settings.get("headers"), values)
    if headers:
        made["headers"] = headers
    connection = "service" if settings.get("authType") or settings.get("tls") else None
    if connection:
        why = "What it proved itself with is not part of an export."
        remarks.append(
            Remark(kind=Loss.CONNECTION, did="Signed in.", why=why, instead="Make a connection named 'service'.")
        )
    if method in _WRITES:
        body = given.sight.find(["payload"])
        made |= {"json": f"{{{{ {body} }}}}"} if body else {}
    named = {"payload": "body", "statusCode": "status", "headers": "headers"}
    uses = "http.send" if method in _WRITES else "http.request"
    return Turned(uses=uses, settings=made, connection=connection, named=named, remarks=[*values.remarks, *remarks])


def _headers(given: Any, values: Values) -> dict[str, str]:
    """Return literal headers; those that hold a credential are told of."""
    kept: dict[str, str] = {}
    for one in given if isinstance(given, list) else ():
        if not isinstance(one, dict):
            continue
        name = str(one.get("keyValue") or one.get("keyType") or "")
        value = str(one.get("valueValue") or one.get("valueType") or "")
        if PUT_FOR in value or is_secret_name(name):
            values.secret(f"The header {name}")
        elif name and name != "other":
            kept[name] = values.path(value, name) if one.get("valueType") == "msg" else value
    return kept


def _respond(part: Part, given: Given) -> Turned:
    """Answer the caller with the payload."""
    status, body = str(part.settings.get("statusCode") or ""), given.sight.find(["payload"])
    made: dict[str, Any] = {"body": f"{{{{ {body} }}}}"} if body else {}
    if status.isdigit() and status != "200":
        made["status"] = int(status)
    headers = part.settings.get("headers")
    kept = {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    return Turned(uses="respond", settings={**made, **({"headers": kept} if kept else {})})


def _template(part: Part, given: Given) -> Turned:
    """Write a text."""
    values, settings = Values(given), part.settings
    text = str(settings.get("template") or "")
    plain = settings.get("syntax") == "plain"
    made = (
        f"{{% raw %}}{text}{{% endraw %}}"
        if plain and "{{" in text
        else values.mustache(text, "template")
        if not plain
        else text
    )
    named = {str(settings.get("field") or "payload"): ""}
    remarks = [*values.remarks]
    if settings.get("output") in {"json", "yaml"}:
        why = "A template gives a text here."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Read its text as values.", why=why, instead="Name the fields in a set step.")
        )
    return Turned(uses="template", settings={"text": made}, named=named, remarks=remarks)


def _delay(part: Part, given: Given) -> Turned:  # noqa: ARG001  # all translators take both
    settings = part.settings
    unit, amount = _UNITS.get(str(settings.get("timeoutUnits") or "seconds")), str(settings.get("timeout") or "")
    if settings.get("pauseType", "delay") == "delay" and unit and amount.replace(".", "", 1).isdigit():
        return Turned(uses="wait", settings={"duration": f"{int(float(amount)) or 1}{unit}"})
    why = "How many items go at once is a setting of the recipe and of its steps."
    return lost("Slowed messages down, or waited for a time in the message.", "Set concurrency, or a wait step.", why)


def _split(part: Part, given: Given) -> Turned:  # noqa: ARG001  # all translators take both
    found = given.sight.find(["payload"])
    if found is None or given.sight.each is not None:
        return lost("Went through a list.", "Set each on the steps that follow, with the list.")
    return Turned(
        uses="set", settings={"fields": {"items": f"{{{{ {found} }}}}"}}, begins="items", named={"payload": ""}
    )


def _join(part: Part, given: Given) -> Turned:
    """Take the elements of a list as one again; ways that come together are waited for."""
    if given.sight.each is not None:
        fields = {"payload": given.sight.each}
        return Turned(uses="set", settings={"fields": fields}, named={"payload": "payload"}, ends=True)
    if part.settings.get("mode") == "custom" and str(part.settings.get("count") or "").isdigit():
        why = "A join waits for all ways of one item, not for so many messages."
        remark = Remark(
            kind=Loss.PARTLY, did="Put messages together.", why=why, instead="Use aggregate to collect items."
        )
        return Turned(uses="join", remarks=[remark])
    return Turned(uses="join")


def _file(part: Part, given: Given) -> Turned:
    """Append the payload to a file of lines."""
    values, settings = Values(given), part.settings
    name = str(settings.get("filename") or "output.jsonl").replace("\\", "/").rpartition("/")[2]
    if settings.get("overwriteFile") == "delete":
        return lost("Deleted a file.", "Files that recipes write stay in the workspace.")
    columns = {"payload": values.path("payload", "payload")}
    why = "Files are written below the hub's own folders, a line of JSON for each item."
    remark = Remark(kind=Loss.PARTLY, did="Wrote a file of the machine.", why=why, instead="Choose directory and file.")
    made = {"directory": "imported", "file": name or "output.jsonl", "columns": columns}
    return Turned(uses="files.append_jsonl", settings=made, remarks=[*values.remarks, remark])


def _mail(part: Part, given: Given) -> Turned:
    """Send the payload as a mail."""
    values, settings = Values(given), part.settings
    subject = given.sight.find(["topic"])
    made = {
        "to": str(settings.get("name") or "") or values.path("to", "to"),
        "subject": f"{{{{ {subject} }}}}" if subject else "Message",
        "text": values.path("payload", "payload"),
    }
    why = "Its password is not part of an export."
    remark = Remark(
        kind=Loss.CONNECTION, did="Used a mail account.", why=why, instead="Make a connection named 'mail'."
    )
    return Turned(uses="email.send", settings=made, connection="mail", remarks=[*values.remarks, remark])


STEPS: Mapping[str, Callable[[Part, Given], Turned]] = {
    "change": _change, "switch": _switch, "http request": _request, "http response": _respond,
    "template": _template, "delay": _delay, "split": _split, "join": _join, "file": _file, "e-mail": _mail,
}  # fmt: skip
