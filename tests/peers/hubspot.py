"""An account of HubSpot with contacts: held to the types of its own client, with its search, keys and refusals."""

from datetime import UTC, datetime
from typing import Any

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply

OBJECTS = "/crm/v3/objects/{objectType}"
OBJECT = "/crm/v3/objects/{objectType}/{objectId}"
FIELDS = {"email": "string", "firstname": "string", "lastname": "string", "score": "number", "createdate": "datetime"}
FIELDS |= {"lastmodifieddate": "datetime", "vip": "bool", "topics": "enumeration"}
_BY_DEFAULT = ("createdate", "email", "firstname", "lastmodifieddate", "lastname")
_MOST = 10_000


class HubspotPeer(OpenApiPeer):
    """`kept` holds the contacts, `fields` the properties; pages count on from `counted_before`, as in a longer list."""

    def __init__(self) -> None:
        super().__init__("hubspot", error=_error)
        self.kept = Kept(lambda number: str(500 + number))
        self.fields = dict(FIELDS)
        self.counted_before = 0
        self.on("GET", OBJECTS)(lambda call: {"results": [_shown(row, ()) for row in self.kept.there[:1]]})
        self.on("POST", OBJECTS)(self._create)
        self.on("POST", f"{OBJECTS}/search")(self._search)
        self.on("GET", OBJECT)(self._get)
        self.on("PATCH", OBJECT)(self._change)
        self.on("DELETE", OBJECT)(self._archive)
        self.on("GET", "/crm/v3/properties/{objectType}")(self._properties)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(len(self.asked(*one)) for one in (("POST", OBJECTS), ("PATCH", OBJECT), ("DELETE", OBJECT)))

    def _create(self, call: Call) -> Any:
        self._require(call.body["properties"])
        email = call.body["properties"].get("email")
        if email and any(row["values"].get("email") == email for row in self.kept.there):
            raise Refused(409, "Contact already exists. Existing ID: 501")
        return Reply(status=201, body=_shown(self.kept.add(call.body["properties"]), call.body["properties"]))

    def _change(self, call: Call) -> Any:
        self._require(call.body["properties"])
        return _shown(self.kept.edit(self._row(call), call.body["properties"]), call.body["properties"])

    def _archive(self, call: Call) -> Any:
        self._row(call)["archived"] = True
        return Reply(status=204)

    def _get(self, call: Call) -> Any:
        return _shown(self._row(call), call.arguments.get("properties", ()))

    def _row(self, call: Call) -> dict[str, Any]:
        assert call.arguments["objectType"] == "contacts"
        name, wanted = call.arguments.get("idProperty"), call.arguments["objectId"]
        if name not in {None, "email"}:
            raise Refused(400, f"{name} is not a unique identifier property")
        held = [row for row in self.kept.there if name and row["values"].get(name) == wanted]
        found = self.kept.get(wanted) if name is None else next(iter(held), None)
        if found is None:
            raise Refused(404, "resource not found")
        return found

    def _search(self, call: Call) -> Any:
        asked = call.body
        found = [row for row in self.kept.there if self._fits(row, asked.get("filterGroups", []))]
        for name in asked.get("sorts", []):
            found.sort(key=lambda row: self._value(row, name.lstrip("-")), reverse=name.startswith("-"))
        size, after = asked.get("limit", 10), int(asked.get("after", "0"))
        if size > 200 or after + size > _MOST:
            raise Refused(400, f"The limit of {_MOST} results is exceeded")
        start = max(0, after - self.counted_before)
        more = start + size < len(found)
        shown = [_shown(row, asked.get("properties", ())) for row in found[start : start + size]]
        paging = {"paging": {"next": {"after": str(self.counted_before + start + size)}}} if more else {}
        return {"total": len(found), "results": shown, **paging}

    def _fits(self, row: dict[str, Any], groups: list[Any]) -> bool:
        return not groups or any(all(self._passes(row, one) for one in group["filters"]) for group in groups)

    def _passes(self, row: dict[str, Any], one: dict[str, str]) -> bool:
        if one["propertyName"] not in self.fields:
            raise Refused(400, f"There was a problem with the request: no property {one['propertyName']}.")
        value = self._value(row, one["propertyName"])
        if one["operator"] == "GTE":
            return bool(value >= datetime.fromtimestamp(int(one["value"]) / 1000, UTC))
        assert one["operator"] == "EQ"
        return bool(value == one["value"])

    def _value(self, row: dict[str, Any], name: str) -> Any:
        times = {"createdate": row["created"], "lastmodifieddate": row["changed"]}
        return times.get(name, row["values"].get(name))

    def _properties(self, call: Call) -> Any:
        named = ("description", "fieldType", "groupName")
        described = [
            {"name": name, "label": name.title(), "type": kind, "options": [], **dict.fromkeys(named, "")}
            for name, kind in self.fields.items()
        ]
        return {"results": described}

    def _require(self, properties: dict[str, str]) -> None:
        for name, value in properties.items():
            if name not in self.fields:
                raise Refused(400, f'Property values were not valid: Property "{name}" does not exist')
            if self.fields[name] == "number" and value and not value.replace(".", "", 1).isdecimal():
                raise Refused(400, f"Property values were not valid: {value} was not a valid number.")


def _shown(row: dict[str, Any], names: Any) -> dict[str, Any]:
    values = {name: row["values"].get(name) or None for name in {*_BY_DEFAULT, *names}}
    values |= {"createdate": _moment(row["created"]), "lastmodifieddate": _moment(row["changed"])}
    times = {"createdAt": _moment(row["created"]), "updatedAt": _moment(row["changed"])}
    return {"id": row["id"], "properties": values, "archived": False, **times}


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, message: str) -> dict[str, Any]:
    category = {401: "INVALID_AUTHENTICATION", 403: "MISSING_SCOPES", 429: "RATE_LIMITS"}.get(
        status, "VALIDATION_ERROR"
    )
    return {"status": "error", "message": message, "category": category, "correlationId": "c0ffee"}
