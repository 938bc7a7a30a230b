"""A company at Pipedrive with persons: held to the types of its own client, with its search, fields and refusals."""

from datetime import datetime
from typing import Any

from aiohttp import web

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused

PERSONS, PERSON = "/api/v2/persons", "/api/v2/persons/{id}"
BRANCH = "a" * 40
FIELDS = {"name": "varchar", "email": "varchar", "phone": "phone", "job_title": "varchar", "owner_id": "user"}
FIELDS |= {"label_ids": "set", BRANCH: "enum"}
OPTIONS = [{"id": 1, "label": "Trade"}, {"id": 2, "label": "Crafts"}]


class PipedrivePeer(OpenApiPeer):
    """`kept` holds the persons with one address and number each, `fields` what a person has."""

    def __init__(self) -> None:
        super().__init__("pipedrive", error=_error)
        self.kept = Kept(lambda number: str(700_000 + number))
        self.fields = dict(FIELDS)
        self.on("GET", PERSONS)(self._list)
        self.on("POST", PERSONS)(lambda call: _one(self.kept.add(self._values(call.body))))
        self.on("GET", PERSON)(lambda call: _one(self._row(call)))
        self.on("PATCH", PERSON)(lambda call: _one(self.kept.edit(self._row(call), self._values(call.body))))
        self.on("DELETE", PERSON)(self._delete)
        self.on("GET", f"{PERSONS}/search")(self._search)
        self.on("GET", "/api/v2/personFields")(self._fields)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(len(self.asked(*one)) for one in (("POST", PERSONS), ("PATCH", PERSON), ("DELETE", PERSON)))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Take an API token where it stands at Pipedrive."""
        token = request.headers.get("x-api-token")
        if token:
            request = request.clone(headers={**request.headers, "Authorization": f"Token {token}"})
        return await super().answer(request)

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        found = list(self.kept.there)
        if "ids" in asked:
            assert len(asked["ids"].split(",")) <= 100
            found = [row for row in found if row["id"] in asked["ids"].split(",")]
        if "updated_since" in asked:
            found = [row for row in found if row["changed"] >= datetime.fromisoformat(asked["updated_since"])]
        if "owner_id" in asked:
            found = [row for row in found if row["values"].get("owner_id") == asked["owner_id"]]
        name = {"add_time": "created", "update_time": "changed", "id": "id"}[asked.get("sort_by", "id")]
        found.sort(key=lambda row: int(row[name]) if name == "id" else row[name])
        found = found[::-1] if asked.get("sort_direction") == "desc" else found
        return _paged(found, asked, [_shown(row) for row in found])

    def _search(self, call: Call) -> Any:
        asked = call.arguments
        assert asked["exact_match"] is True
        assert asked["limit"] <= 100
        named = [BRANCH] if asked["fields"] == "custom_fields" else [asked["fields"]]
        found = [
            row
            for row in self.kept.there
            if any(str(row["values"].get(name, "")).lower() == asked["term"].lower() for name in named)
        ]
        items = [{"result_score": 1, "item": {"id": int(row["id"]), "type": "person"}} for row in found]
        page = _paged(found, asked, items)
        return {**page, "data": {"items": page["data"]}}

    def _row(self, call: Call) -> dict[str, Any]:
        row = self.kept.get(int(call.arguments["id"]))
        if row is None:
            raise Refused(404, "Person not found")
        return row

    def _delete(self, call: Call) -> Any:
        self._row(call)["archived"] = True
        return {"success": True, "data": {"id": call.arguments["id"]}}

    def _values(self, body: dict[str, Any]) -> dict[str, Any]:
        values = {**body, **body.get("custom_fields", {})}
        values.pop("custom_fields", None)
        if values.get("label_ids") == [99]:
            raise Refused(400, "Validation failed: label_ids: Label does not exist")
        for simple, several in (("email", "emails"), ("phone", "phones")):
            if several in values:
                values[simple] = next((one["value"] for one in values[several] if one.get("primary")), "")
        return values

    def _fields(self, call: Call) -> Any:
        described = [
            {
                "field_code": name,
                "field_name": "Branch" if name == BRANCH else name.title(),
                "field_type": kind,
                "is_custom_field": name == BRANCH,
                "is_optional_response_field": False,
                "options": OPTIONS if name == BRANCH else None,
            }
            for name, kind in self.fields.items()
            if name not in {"email", "phone"}
        ]
        return {"success": True, "data": described, "additional_data": {}}


def _paged(found: list[dict[str, Any]], asked: dict[str, Any], shown: list[Any]) -> Any:
    start, size = int(asked.get("cursor", "0")), int(asked.get("limit", 100))
    assert size <= 500
    following = {"next_cursor": str(start + size)} if start + size < len(found) else {}
    return {"success": True, "data": shown[start : start + size], "additional_data": following}


def _one(row: dict[str, Any]) -> Any:
    return {"success": True, "data": _shown(row)}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    values = dict(row["values"])
    shown = {name: value for name, value in values.items() if name not in {"email", "phone", BRANCH}}
    for simple, several in (("email", "emails"), ("phone", "phones")):
        shown.setdefault(several, [{"value": values[simple], "primary": True}] if values.get(simple) else [])
    times = {"add_time": _moment(row["created"]), "update_time": _moment(row["changed"])}
    return {"id": int(row["id"]), "is_deleted": False, **shown, **times, "custom_fields": {BRANCH: values.get(BRANCH)}}


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _error(status: int, message: str) -> dict[str, Any]:
    return {"success": False, "error": message, "code": "ERR_SCHEMA_VALIDATION_FAILED", "data": None}
