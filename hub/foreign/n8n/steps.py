"""n8n's nodes that have a counterpart here, each with the settings it has on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.foreign.n8n import lists, sending
from hub.foreign.n8n.expressions import Values
from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost

_UNITS = {"seconds": "s", "minutes": "m", "hours": "h", "days": "d"}
_TYPED = ("stringValue", "numberValue", "booleanValue", "arrayValue", "objectValue")


def _set(part: Part, given: Given) -> Turned:
    """Name values anew, beside what is there or instead of it."""
    settings, values = part.settings, Values(given)
    if settings.get("mode") == "raw":
        return _raw(settings, values)
    fields: dict[str, Any] = {}
    for name, value in _assignments(settings):
        _put(fields, name, values.value(value, name))
    made: dict[str, Any] = {"fields": fields}
    keeps = settings.get("includeOtherFields", settings.get("include") == "all")
    if "values" in settings and "keepOnlySet" not in settings:
        keeps = True
    base = given.sight.find([])
    if (keeps is True or settings.get("keepOnlySet") is False) and base is not None:
        made["base"] = f"{{{{ {base} }}}}"
    return Turned(uses="set", settings=made, out="", remarks=values.remarks)


def _assignments(settings: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    """Return names and values of any of the node's three forms."""
    found: list[tuple[str, Any]] = []
    for holder in (settings.get("assignments"), settings.get("fields"), settings.get("values")):
        listed = holder.get("assignments", holder.get("values")) if isinstance(holder, dict) else None
        if listed is None and isinstance(holder, dict):
            listed = [one for kind in holder.values() if isinstance(kind, list) for one in kind]
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                typed = next((one[name] for name in _TYPED if name in one), "")
                found.append((one["name"], one.get("value", typed)))
    return found


def _raw(settings: Mapping[str, Any], values: Values) -> Turned:
    text = settings.get("jsonOutput")
    plain = sending.json_of(text, values, "jsonOutput")
    if not isinstance(plain, dict):
        return lost(
            "Wrote JSON by hand.", "Name the fields in a set step.", "Its JSON cannot be read with expressions in it."
        )
    return Turned(uses="set", settings={"fields": plain}, out="", remarks=values.remarks)


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    """Put a value under a name with dots, which n8n reads as a path."""
    *way, last = name.split(".")
    place = fields
    for part in way:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = place[part] = {}
        place = inner
    place[last] = value


def _merge(part: Part, given: Given) -> Turned:
    """Wait for several ways."""
    mode = str(part.settings.get("mode") or "append")
    if mode in {"chooseBranch", "wait", "passThrough"}:
        return Turned(uses="join")
    remarks = []
    if len(given.sight.whole) > 1:
        why = "A join gives the outputs of all ways by name; what follows reads the first that is there."
        words = {"append": "Put lists one behind the other.", "combine": "Put items of two lists together."}
        did = words.get(mode, "Put what came in together.")
        remarks.append(Remark(kind=Loss.PARTLY, did=did, why=why, instead="Look at the values after it."))
    return Turned(uses="join", remarks=remarks)


def _nothing(part: Part, given: Given) -> Turned:  # noqa: ARG001  # all translators take both
    return Turned(dropped=True)


def _wait(part: Part, given: Given) -> Turned:
    """Wait for a time."""
    settings, values = part.settings, Values(given)
    resume = settings.get("resume", "timeInterval")
    if resume == "specificTime":
        until = values.value(settings.get("dateTime"), "dateTime")
        return Turned(uses="wait", settings={"until": until}, remarks=values.remarks)
    unit, amount = _UNITS.get(str(settings.get("unit", "hours"))), settings.get("amount", 1)
    if resume != "timeInterval" or unit is None:
        instead = "An approve step waits for a person; for a call, let a second recipe start with a webhook."
        return lost("Waited for a call or a form.", instead)
    shown = values.text(amount, "amount")
    return Turned(uses="wait", settings={"duration": f"{shown.partition('.')[0] or 1}{unit}"}, remarks=values.remarks)


def _respond(part: Part, given: Given) -> Turned:
    """Answer the webhook."""
    settings, values = part.settings, Values(given)
    kind, options = settings.get("respondWith", "firstIncomingItem"), settings.get("options")
    options = options if isinstance(options, dict) else {}
    made: dict[str, Any] = {}
    if kind == "json":
        made["body"] = sending.json_of(settings.get("responseBody"), values, "responseBody")
    elif kind == "text":
        made["body"] = values.text(settings.get("responseBody"), "responseBody")
    elif kind in {"firstIncomingItem", "allIncomingItems"}:
        found = given.sight.each or f"{{{{ {given.sight.find([]) or 'trigger'} }}}}"
        made["body"] = found
    elif kind != "noData":
        return lost(f"Answered the caller with {kind}.", "A respond step answers with JSON or text.")
    code = options.get("responseCode")
    if isinstance(code, int) and code != 200:  # what is usual
        made["status"] = code
    headers = sending.headers_of(options.get("responseHeaders", {}).get("entries", []), values)
    return Turned(
        uses="respond", settings={**made, **({"headers": headers} if headers else {})}, remarks=values.remarks
    )


def _stop(part: Part, given: Given) -> Turned:
    """End the item with an error."""
    values = Values(given)
    told = part.settings.get("errorMessage") or part.settings.get("errorObject") or "The workflow stopped here."
    reason = values.text(told, "errorMessage")
    return Turned(uses="stop", settings={"outcome": "dead", "reason": reason}, remarks=values.remarks)


def _call(part: Part, given: Given) -> Turned:
    """Call another workflow, which has to be a recipe as well."""
    chosen = part.settings.get("workflowId")
    named = chosen.get("cachedResultName") if isinstance(chosen, dict) else None
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in str(named or part.title))
    made = {
        "recipe": name.strip("-").lower()[:100] or "called",
        "input": f"{{{{ {given.sight.find([]) or 'trigger'} }}}}",
    }
    why = "The other workflow is not part of this export."
    instead = "Bring it along as a recipe too, and choose it here."
    remark = Remark(kind=Loss.PARTLY, did="Called another workflow.", why=why, instead=instead)
    return Turned(uses="recipe", settings=made, out="", remarks=[remark])


def _hash(part: Part, given: Given) -> Turned:
    """Work out a fingerprint."""
    settings, values = part.settings, Values(given)
    kind = str(settings.get("type") or "MD5").upper()
    if settings.get("action", "hash") != "hash" or kind not in {"SHA256", "SHA512"}:
        return lost("Encrypted, signed or hashed a value.", "The filter hash knows SHA-256 and SHA-512.")
    inner = values.text(settings.get("value"), "value")
    if not (inner.startswith("{{") and inner.endswith("}}") and inner.count("{{") == 1):
        return lost("Hashed a text put together.", "Write the text in a template step, then use the filter hash.")
    word = "" if kind == "SHA256" else ': "sha512"'
    fields = {str(settings.get("dataPropertyName") or "data"): f"{inner[:-2].rstrip()} | hash{word} }}}}"}
    base = given.sight.find([])
    made = {"fields": fields, **({"base": f"{{{{ {base} }}}}"} if base else {})}
    return Turned(uses="set", settings=made, out="", remarks=values.remarks)


STEPS: Mapping[str, Callable[[Part, Given], Turned]] = {
    "set": _set, "editFields": _set, "merge": _merge, "noOp": _nothing, "wait": _wait, "crypto": _hash,
    "respondToWebhook": _respond, "stopAndError": _stop, "executeWorkflow": _call,
    "splitInBatches": lists.batches, "splitOut": lists.split, "itemLists": lists.item_lists,
    "aggregate": lists.aggregate, "removeDuplicates": lists.unique, "limit": lists.limit, "sort": lists.sort,
    "httpRequest": sending.request, "emailSend": sending.mail, "gmail": sending.gmail, "slack": sending.slack,
    "postgres": sending.postgres,
}  # fmt: skip
