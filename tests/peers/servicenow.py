"""An instance of ServiceNow with incidents: after its documented Table API, with its queries, silences and refusals."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply

TABLE, RECORD = "/api/now/table/{tableName}", "/api/now/table/{tableName}/{sys_id}"
USER, PASSWORD = "patchdeck", "s3cret-word"
FIELDS = {"number": "", "short_description": "", "urgency": "3", "correlation_id": "", "active": "true"}
_OWN = ("sys_id", "sys_created_on", "sys_updated_on", "sys_mod_count")
_CONDITION = re.compile(r"(\w+?)(>=|=|ISEMPTY)(.*)")


class ServicenowPeer(OpenApiPeer):
    """`kept` holds the incidents, `fields` what each has and the value it begins with."""

    def __init__(self) -> None:
        super().__init__("servicenow", error=_error)
        self.kept = Kept(lambda number: UUID(int=(11 << 120) + number).hex)
        self.fields = dict(FIELDS)
        self.tokens.add(base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())
        self.on("GET", TABLE)(self._list)
        self.on("POST", TABLE)(self._create)
        self.on("GET", RECORD)(lambda call: {"result": self._shown(self._row(call), call.arguments)})
        self.on("PATCH", RECORD)(self._change)
        self.on("DELETE", RECORD)(self._delete)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(len(self.asked(*one)) for one in (("POST", TABLE), ("PATCH", RECORD), ("DELETE", RECORD)))

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        if asked["tableName"] == "sys_user":
            return {"result": []}
        if asked["tableName"] != "incident":
            raise Refused(400, f"Invalid table {asked['tableName']}")
        found = list(self.kept.there)
        orders = []
        for part in filter(None, asked.get("sysparm_query", "").split("^")):
            if part.startswith("ORDERBY"):
                orders.append(part.removeprefix("ORDERBY"))
            else:
                found = [row for row in found if self._fits(row, part)]
        for order in reversed(orders):
            name = order.removeprefix("DESC")
            found.sort(key=lambda row: self._value(row, name), reverse=order != name)
        start, size = asked.get("sysparm_offset", 0), asked.get("sysparm_limit", 10_000)
        shown = [self._shown(row, asked) for row in found[start : start + size]]
        return Reply(body={"result": shown}, headers={"X-Total-Count": str(len(found))})

    def _fits(self, row: dict[str, Any], part: str) -> bool:
        """Hold a record to one condition; a field that there is not is no condition, as at ServiceNow."""
        found = _CONDITION.fullmatch(part)
        assert found is not None, part
        name, operator, wanted = found.groups()
        if name not in {*self.fields, *_OWN}:
            return True
        value = self._value(row, name)
        if operator == ">=":
            return bool(value >= wanted)
        # As most databases below it, it does not look at capitals
        return bool(value == "" if operator == "ISEMPTY" else value.casefold() == wanted.casefold())

    def _create(self, call: Call) -> Any:
        self._require(call.body)
        number = f"INC{len(self.kept.rows) + 1:07}"
        row = self.kept.add({"number": number, **self._known(call.body)})
        return Reply(status=201, body={"result": self._shown(row, call.arguments)})

    def _change(self, call: Call) -> Any:
        row = self._row(call)
        self._require(call.body)
        return {"result": self._shown(self.kept.edit(row, self._known(call.body)), call.arguments)}

    def _known(self, sent: Mapping[str, str]) -> dict[str, str]:
        """Drop what the table does not have, as ServiceNow does without a word."""
        return {name: value for name, value in sent.items() if name in self.fields}

    def _delete(self, call: Call) -> Any:
        self._row(call)["archived"] = True
        return Reply(status=204)

    def _row(self, call: Call) -> dict[str, Any]:
        row = self.kept.get(call.arguments["sys_id"])
        if row is None:
            raise Refused(404, "No Record found")
        return row

    def _require(self, sent: Mapping[str, str]) -> None:
        if sent.get("urgency", "3") not in {"1", "2", "3"}:
            raise Refused(400, "Operation Failed: Invalid value for field urgency")

    def _value(self, row: dict[str, Any], name: str) -> str:
        times = {"sys_created_on": _moment(row["created"]), "sys_updated_on": _moment(row["changed"])}
        own = {"sys_id": row["id"], "sys_mod_count": row["version"], **times}
        return str(own.get(name, row["values"].get(name, self.fields.get(name, ""))))

    def _shown(self, row: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        names = [*self.fields, *_OWN]
        values = {name: self._value(row, name) for name in names}
        if asked.get("sysparm_display_value") == "all":
            return {name: {"value": value, "display_value": value} for name, value in values.items()}
        return values


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "detail": None}, "status": "failure"}
