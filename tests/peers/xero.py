"""An organisation at Xero with contacts: held to Xero's OpenAPI description, with its filters, times and refusals."""

import base64
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from tests.peers.faults import json_answer
from tests.peers.kept import Kept
from tests.peers.openapi import TOKEN, Call, OpenApiPeer, Refused

TENANT = "70784a63-d24b-46a9-a4db-0e70a274b056"
# An id is compared as one, anything else as a text
_CONDITION = re.compile(r'(\w+)==(?:"([^"]*)"|guid\("([^"]*)"\))')


class XeroPeer(OpenApiPeer):
    """`kept` holds the contacts; `invoices` are listed beside them; `tenants` are what the connection opens."""

    def __init__(self) -> None:
        super().__init__("xero", error=_error, prefix="/api.xro/2.0")
        self.kept = Kept(lambda number: str(UUID(int=(7 << 120) + number)))
        self.fields = {"Website": ""}
        self.invoices: list[dict[str, Any]] = []
        self.tenants = [{"tenantId": TENANT, "tenantName": "Acme", "tenantType": "ORGANISATION"}]
        self.on("GET", "/Contacts")(self._list)
        self.on("PUT", "/Contacts")(self._create)
        self.on("GET", "/Contacts/{ContactID}")(lambda call: _told([self._row(call)]))
        self.on("POST", "/Contacts/{ContactID}")(self._change)
        self.on("GET", "/Invoices")(self._list_invoices)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return len(self.asked("PUT", "/Contacts")) + len(self.asked("POST", "/Contacts/{ContactID}"))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Tell the organisations, and give a custom connection its token: both are described elsewhere."""
        if request.path == "/token":
            return await self._token(request)
        if request.path != "/connections" or self._faults.has_any:
            return await super().answer(request)
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return json_answer(401, {"Title": "Unauthorized", "Detail": "TokenExpired"}, {})
        return json_answer(200, self.tenants, {})

    async def _token(self, request: web.Request) -> web.Response:
        asked, scopes = await request.post(), {"accounting.contacts.read", "accounting.invoices.read"}
        app = base64.b64encode(b"c:s").decode()
        if request.headers.get("Authorization") != f"Basic {app}" or asked["grant_type"] != "client_credentials":
            return json_answer(400, {"error": "invalid_client"}, {})
        if set(str(asked["scope"]).split()) != scopes:
            return json_answer(400, {"error": "invalid_scope"}, {})
        return json_answer(200, {"access_token": TOKEN, "expires_in": 1800, "token_type": "Bearer"}, {})

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        assert asked["xero-tenant-id"] == TENANT
        found = list(self.kept.there)
        if "If-Modified-Since" in call.request.headers:
            since = datetime.fromisoformat(call.request.headers["If-Modified-Since"]).replace(tzinfo=UTC)
            found = [row for row in found if row["changed"] > since]
        wanted = _wanted(asked)
        found = [
            row
            for row in found
            if all({"ContactID": row["id"], **row["values"]}.get(name, "") == value for name, value in wanted.items())
        ]
        name, _, direction = asked["order"].partition(" ")
        at = {"UpdatedDateUTC": "changed", "ContactID": "id"}[name]
        found.sort(key=lambda row: row[at], reverse=direction == "DESC")
        start = (asked["page"] - 1) * 100
        return _told(found[start : start + 100])

    def _list_invoices(self, call: Call) -> Any:
        wanted = _wanted(call.arguments).items()
        return {"Invoices": [one for one in self.invoices if all(one.get(name) == value for name, value in wanted)]}

    def _create(self, call: Call) -> Any:
        [values] = call.body["Contacts"]
        self._require(values)
        if any(row["values"]["Name"] == values["Name"] for row in self.kept.there):
            raise Refused(400, f"The contact name {values['Name']} is already assigned to another contact.")
        return _told([self.kept.add(values)])

    def _change(self, call: Call) -> Any:
        [values] = call.body["Contacts"]
        self._require(values)
        row = self._row(call)
        row["archived"] = values.pop("ContactStatus", "ACTIVE") == "ARCHIVED"
        return _told([self.kept.edit(row, values)])

    def _row(self, call: Call) -> dict[str, Any]:
        row = self.kept.get(call.arguments["ContactID"])
        if row is None:
            raise Refused(404, "The resource you're looking for cannot be found")
        return row

    def _require(self, values: dict[str, Any]) -> None:
        if values.get("EmailAddress") and "@" not in values["EmailAddress"]:
            raise Refused(400, "Email address must be valid.")
        if "Website" in values and "Website" not in self.fields:
            raise Refused(400, "The field Website is locked.")


def _wanted(asked: dict[str, Any]) -> dict[str, str]:
    """Read a filter; Xero refuses one that it does not understand, such as an id compared with a text."""
    wanted = {}
    for condition in asked["where"].split(" AND ") if "where" in asked else ():
        found = _CONDITION.fullmatch(condition)
        if found is None or found[1].endswith("ID") != (found[3] is not None):
            raise Refused(400, "Query parse error")
        wanted[found[1]] = found[2] or found[3] or ""
    return wanted


def _told(rows: list[dict[str, Any]]) -> Any:
    return {"Contacts": [_shown(row) for row in rows]}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    status = "ARCHIVED" if row["archived"] else "ACTIVE"
    changed = f"/Date({int(row['changed'].timestamp() * 1000)}+0000)/"
    return {"ContactID": row["id"], "ContactStatus": status, "UpdatedDateUTC": changed, **row["values"]}


def _error(status: int, message: str) -> dict[str, Any]:
    if status == 400:
        elements = [{"ValidationErrors": [{"Message": message}]}]
        return {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception",
            "Elements": elements,
        }
    return {"Title": "Refused", "Status": status, "Detail": message}
