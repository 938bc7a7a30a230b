"""Fields of Salesforce's stand-in, what becomes of values that are put into them, and the rules that records keep."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from tests.peers.openapi import Refused

_PICKLIST, _RULE = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "FIELD_CUSTOM_VALIDATION_EXCEPTION"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)")


def field(name: str, kind: str, *, options: Sequence[str] = (), scale: int = 0, **told: Any) -> dict[str, Any]:
    """Describe a field; it can be written, looked for and left empty unless `told` otherwise."""
    plain = {"createable": True, "updateable": True, "nillable": True, "filterable": True}
    plain |= dict.fromkeys(("defaultedOnCreate", "externalId", "idLookup", "unique", "caseSensitive"), False)
    listed = [{"active": True, "defaultValue": False, "label": one, "value": one} for one in options]
    label = name.removesuffix("__c")
    return {"name": name, "label": label, "type": kind, "scale": scale, "picklistValues": listed, **plain, **told}


def stored(described: Mapping[str, Any], value: Any) -> Any:
    """Return a value as Salesforce keeps it; one that no such field can read spoils the request that brings it."""
    kind = described["type"]
    if value is None or value == "":
        return None
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "double" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(value, described["scale"])
    if kind in {"boolean", "double"} or not isinstance(value, str):
        raise Refused(400, f"JSON_PARSER_ERROR: Cannot deserialize instance of {kind} from value {value!r}")
    return _dated(kind, value) if kind in {"date", "datetime"} else _texted(described, value.strip())


def broken_rule(
    fields: Mapping[str, Any], values: Mapping[str, Any], standing: Mapping[str, Any] | None, others: Sequence[Any]
) -> dict[str, Any] | None:
    """Say which of the organisation's rules a record would break: those of Salesforce, and a few of its own."""
    fixed = [name for name in values if not fields[name]["createable" if standing is None else "updateable"]]
    if fixed:
        told = f"Unable to create/update fields: {', '.join(fixed)}. Please check the security settings of this field."
        return refused("INVALID_FIELD_FOR_INSERT_UPDATE", told, *fixed)
    whole = {**(standing or {}), **values}
    number, stage = str(whole.get("Number__c")).casefold(), whole.get("Stage__c")
    taken = {str(one["Number__c"]).casefold() for one in others if one.get("Number__c")}
    rules = (
        (not whole.get("LastName"), "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName"),
        (stage not in {None, "New", "Won"}, _PICKLIST, f"bad value for restricted picklist field: {stage}", "Stage__c"),
        ((whole.get("Score__c") or 0) > 1000, _RULE, "A score is 1000 at most.", "Score__c"),
        (
            number in taken,
            "DUPLICATE_VALUE",
            "duplicate value found: Number__c duplicates value on record",
            "Number__c",
        ),
        (whole.get("LastName") == "Double", "DUPLICATES_DETECTED", "Use one of these records?", ""),
        (
            whole.get("LastName") == "Locked",
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record",
            "",
        ),
    )
    broken = next((rule for rule in rules if rule[0]), None)
    return None if broken is None else refused(broken[1], broken[2], *filter(None, broken[3:]))


def refused(code: str, message: str, *fields: str) -> dict[str, Any]:
    """Return what is said of a record that is not taken."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def _texted(described: Mapping[str, Any], text: str) -> str:
    if described["type"] == "multipicklist":
        known = [one["value"] for one in described["picklistValues"]]
        return ";".join(sorted(text.split(";"), key=known.index))
    if described["type"] == "textarea":
        return text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text.lower() if described["type"] == "email" else text


def _dated(kind: str, value: str) -> str:
    try:
        # Salesforce knows days from 1700 on
        if value < "1700" or (kind == "datetime" and not _MOMENT.fullmatch(value)):
            raise ValueError
        if kind == "date":
            return date.fromisoformat(value).isoformat()
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    except ValueError as error:
        raise Refused(400, f"JSON_PARSER_ERROR: Cannot deserialize instance of {kind} from value {value}") from error
