"""A company at QuickBooks Online, held to the objects of python-quickbooks: its query language, batches and faults.

It books as QuickBooks does: names are unique, versions count, a request id is answered as before, totals are sums.
"""

import json
from collections.abc import Mapping
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused
from tests.peers.quickbooks_query import Unreadable, may_fit, read, run

COMPANY = "9341452698223170"
PLACE = "/v3/company/{company}"
WRITTEN = ("Bill", "Customer", "Invoice", "Vendor")
_PEOPLE = ("Customer", "Vendor")
_LISTS = ("Account", "Customer", "Item", "TaxCode", "Term", "Vendor")
_THINGS = (*_LISTS, "Bill", "Invoice", "Attachable")
_REFERENCES = {
    "VendorRef": "Vendor",
    "CustomerRef": "Customer",
    "AccountRef": "Account",
    "ItemRef": "Item",
    "TaxCodeRef": "TaxCode",
    "SalesTermRef": "Term",
}
# What cannot be asked for, and what is only told to whoever asks for it
_NOT_ASKED = {"Account": {"AcctNum"}}
_HIDDEN = {"Item": {"Sku"}}
_PACIFIC = timezone(timedelta(hours=-8))
_FAULTS = {
    401: ("3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401", "AUTHENTICATION"),
    403: ("3100", "message=AuthorizationFailed; errorCode=003100; statusCode=403", "SERVICE"),
    429: ("3001", "message=ThrottleExceeded; errorCode=003001; statusCode=429", "SERVICE"),
    500: ("10000", "An application error has occurred while processing your request", "SystemFault"),
}


class QuickbooksPeer(OpenApiPeer):
    """`of` holds the records of each kind; `kept` those of the kind that a stand is about."""

    def __init__(self, about: str = "Customer") -> None:
        super().__init__("quickbooks", error=_error)
        self.of = {name: Kept(lambda number: str(100 + number)) for name in _THINGS}
        self.about = about
        self.fields = dict.fromkeys(self.schemas.document["components"]["schemas"][about]["properties"], "")
        self.files: list[bytes] = []
        self.writes = 0
        self.repeats = 0
        self.honours_ids = True
        self._answered: dict[str, Any] = {}
        self.on("GET", f"{PLACE}/query")(self._query)
        self.on("POST", f"{PLACE}/query")(self._query)
        self.on("POST", f"{PLACE}/batch")(self._batch)
        self.on("POST", f"{PLACE}/upload")(self._upload)
        self.on("GET", f"{PLACE}/companyinfo/{{id}}")(self._company)
        for name in WRITTEN:
            self.on("POST", f"{PLACE}/{name.lower()}")(self._posted(name))
            self.on("GET", f"{PLACE}/{name.lower()}/{{id}}")(self._got(name))

    @property
    def kept(self) -> Kept:
        """The records of the kind that a stand is about."""
        return self.of[self.about]

    def shown(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record as it is answered."""
        own = {"Active": not row["archived"]} if name in _LISTS else {}
        times = {"CreateTime": _moment(row["created"]), "LastUpdatedTime": _moment(row["changed"])}
        version = {"Id": row["id"], "SyncToken": str(row["version"]), "MetaData": times}
        return {**own, "domain": "QBO", "sparse": False, **version, **row["values"]}

    def _company(self, call: Call) -> Any:
        if call.arguments["id"] != COMPANY:
            raise Refused(403, "")
        return {"CompanyInfo": {"Id": "1", "CompanyName": "Acme"}, "time": "2026-11-22T00:00:00.000-08:00"}

    def _query(self, call: Call) -> Any:
        self._require_company(call)
        return {"QueryResponse": self._found(call.arguments.get("query") or call.body.decode())}

    def _found(self, text: str) -> dict[str, Any]:
        try:
            statement = read(text)
        except (Unreadable, IndexError, ValueError) as error:
            raise _refused("4000", "Error parsing query", f"QueryParserError: {error}") from error
        schema = self.schemas.document["components"]["schemas"].get(statement.thing)
        if schema is None:
            return {}
        asked = [statement.order, *(one.name for one in statement.conditions)]
        for name in filter(None, (one.partition(".")[0] for one in asked)):
            if name not in schema["properties"] or name in _NOT_ASKED.get(statement.thing, ()):
                raise _refused("4001", "Invalid query", f"QueryValidationError: Property {name} not found")
        kept = self.of[statement.thing]
        inactive = any(one.name == "Active" for one in statement.conditions) and statement.thing in _LISTS
        rows = [row for row in (kept.rows if inactive else kept.there) if may_fit(row["values"], statement)]
        found = run(statement, [self.shown(statement.thing, row) for row in rows])
        hidden = _HIDDEN.get(statement.thing, set()) - set(statement.also)
        found = [{name: value for name, value in one.items() if name not in hidden} for one in found]
        for one in found:
            self._hold(statement.thing, one)
        if not found:
            return {}
        return {statement.thing: found, "startPosition": statement.start, "maxResults": len(found)}

    def _posted(self, name: str) -> Any:
        def write(call: Call) -> Any:
            self._require_company(call)
            asked = call.arguments
            default = "update" if call.body.get("Id") else "create"
            does = asked.get("operation", default)
            return self._once(asked.get("requestid"), lambda: {name: self._write(name, does, call.body)})

        return write

    def _got(self, name: str) -> Any:
        return lambda call: {name: self.shown(name, self._row(name, call.arguments["id"]))}

    def _batch(self, call: Call) -> Any:
        self._require_company(call)
        identity = call.arguments.get("requestid")
        if len(identity or "") > 36:
            self.violations.append("The id of a batch is longer than 36 characters.")
        items = call.body["BatchItemRequest"]
        return self._once(identity, lambda: {"BatchItemResponse": [self._item(one) for one in items]})

    def _item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        try:
            if "Query" in item:
                return {"bId": item["bId"], "QueryResponse": self._found(item["Query"])}
            name = next(one for one in WRITTEN if one in item)
            return {"bId": item["bId"], name: self._write(name, item["operation"], item[name])}
        except Refused as refused:
            return {"bId": item["bId"], "Fault": _error(refused.status, refused.message)["Fault"]}

    def _once(self, identity: str | None, does: Any) -> Any:
        if identity is None or identity not in self._answered or not self.honours_ids:
            answer = does()
            self._answered |= {identity: answer} if identity else {}
            return answer
        self.repeats += 1
        return self._answered[identity]

    def _write(self, name: str, does: str, body: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        match does:
            case "create":
                self._require(name, body, "")
                row = self.of[name].add(self._booked(name, body))
            case "update":
                row = self._update(name, body)
            case "delete":
                row = self._current(name, body)
                row["archived"] = True
            case _:
                row = self._current(name, body)
                lines = [{**line, "Amount": 0} for line in row["values"]["Line"]]
                self._set(name, row, {"PrivateNote": "Voided", "TotalAmt": 0, "Balance": 0, "Line": lines})
        return self.shown(name, row) if does != "delete" else {"Id": row["id"], "status": "Deleted", "domain": "QBO"}

    def _update(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        row = self._current(name, body)
        self._require(name, body, row["id"])
        sent = {
            one: value for one, value in body.items() if one not in {"Id", "SyncToken", "sparse", "domain", "MetaData"}
        }
        row["archived"] = not sent.pop("Active", True)
        if row["archived"]:
            sent["DisplayName"] = f"{row['values']['DisplayName']} (deleted)"
        if not body.get("sparse"):
            row["values"].clear()
        self._set(name, row, sent)
        return row

    def _set(self, name: str, row: dict[str, Any], sent: Mapping[str, Any]) -> None:
        self.of[name].edit(row, {})
        row["values"] = _without_empty({**row["values"], **sent})

    def _current(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        row = self._row(name, body.get("Id"))
        if str(body.get("SyncToken")) != str(row["version"]):
            raise _refused(
                "5010", "Stale Object Error", "Stale Object Error : You and root were working on this at once."
            )
        return row

    def _row(self, name: str, identity: Any) -> dict[str, Any]:
        row = self.of[name].get(identity)
        if row is None:
            raise _refused(
                "610", "Object Not Found", "Object Not Found : Something you're trying to use has been made inactive."
            )
        return row

    def _require(self, name: str, body: Mapping[str, Any], own: str) -> None:
        """Refuse what QuickBooks refuses: a name that is taken, an address that is none, a reference to nothing."""
        self._hold(name, body)
        gone = sorted(body.keys() - self.fields.keys()) if name == self.about else []
        if gone:
            raise _refused(
                "2010", "Request has invalid or unsupported property", f"Property Name:{gone[0]} is not there"
            )
        if name in _PEOPLE and "DisplayName" in body:
            wanted = body["DisplayName"].lower()
            others = [row for kind in _PEOPLE for row in self.of[kind].there if (kind, row["id"]) != (name, own)]
            if any(row["values"].get("DisplayName", "").lower() == wanted for row in others):
                raise _refused("6240", "Duplicate Name Exists Error", "The name supplied already exists.")
        address = body.get("PrimaryEmailAddr", {}).get("Address")
        if address and "@" not in address:
            raise _refused("6000", "A business validation error has occurred", "Enter a valid email address.")
        for reference, identity in _referred(body):
            there = reference not in _REFERENCES or identity in {"TAX", "NON"}
            if not there and self.of[_REFERENCES[reference]].get(identity) is None:
                raise _refused("2500", "Invalid Reference Id", f"Invalid Reference Id : {reference} {identity}")

    def _booked(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        values = {one: value for one, value in body.items() if one not in {"Id", "SyncToken", "sparse", "domain"}}
        if name in _PEOPLE:
            return _without_empty(values)
        gross = body.get("GlobalTaxCalculation") == "TaxInclusive"
        lines = [{**(_without_tax(line) if gross else line), "Id": str(at)} for at, line in enumerate(body["Line"], 1)]
        total = sum((Decimal(str(line["Amount"])) for line in lines), Decimal(0))
        if name == "Invoice":
            lines.append({"Amount": float(total), "DetailType": "SubTotalLineDetail", "SubtotalLineDetail": {}})
        date = {"TxnDate": "2026-11-22"} | values
        number = {"DocNumber": str(1000 + len(self.of[name].rows))} if name == "Invoice" else {}
        return {**number, **date, "Line": lines, "TotalAmt": float(total), "Balance": float(total)}

    def _upload(self, call: Call) -> Any:
        about = json.loads(call.body["file_metadata_01"])
        self._hold("Attachable", about)

        def keep() -> Any:
            self.writes += 1
            self.files.append(call.body["file_content_01"].encode("latin-1"))
            row = self.of["Attachable"].add(about)
            return {"AttachableResponse": [{"Attachable": self.shown("Attachable", row)}]}

        return self._once(call.arguments.get("requestid"), keep)

    def _hold(self, name: str, value: Any) -> None:
        """Hold a record to its description, ours and theirs."""
        wrong = self.schemas.wrong(self.schemas.document["components"]["schemas"][name], value)
        if wrong:
            self.violations.append(f"{name}: {wrong}")

    def _require_company(self, call: Call) -> None:
        if call.arguments["company"] != COMPANY:
            raise Refused(403, "")


def _without_tax(line: Mapping[str, Any]) -> dict[str, Any]:
    """Show a gross line as QuickBooks does: what is left without tax, and the amount beside it."""
    detail = {**line[line["DetailType"]], "TaxInclusiveAmt": line["Amount"]}
    return {**line, "Amount": round(line["Amount"] / 1.2, 2), line["DetailType"]: detail}


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was emptied: QuickBooks tells only what has a value."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        inner = {one: held for one, held in value.items() if held != ""} if isinstance(value, dict) else value
        if inner not in ("", {}, None):
            kept[name] = inner
    return kept


def _referred(node: Any) -> list[tuple[str, str]]:
    """Return all references in a record."""
    if isinstance(node, list):
        return [pair for one in node for pair in _referred(one)]
    if not isinstance(node, Mapping):
        return []
    own = [(name, one["value"]) for name, one in node.items() if name.endswith("Ref") and isinstance(one, Mapping)]
    return own + [pair for name, one in node.items() if not name.endswith("Ref") for pair in _referred(one)]


def _moment(moment: Any) -> str:
    return str(moment.astimezone(_PACIFIC).isoformat(timespec="seconds"))


def _refused(code: str, message: str, detail: str) -> Refused:
    return Refused(400, f"{code}|{message}|{detail}")


def _error(status: int, message: str) -> dict[str, Any]:
    """Write a refusal as the books do, and those of the gateway before them as that does."""
    status = min(status, 500)
    if status not in _FAULTS or message.count("|") == 2:
        code, told, detail = message.split("|") if message.count("|") == 2 else ("2010", message, message)
        return {"Fault": {"Error": [{"Message": told, "Detail": detail, "code": code}], "type": "ValidationFault"}}
    code, told, kind = _FAULTS[status]
    if kind == "SystemFault":
        return {"Fault": {"Error": [{"Message": told, "Detail": told, "code": code}], "type": kind}}
    error = {"message": told, "detail": "", "code": code, "element": ""}
    return {"warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind}, "batchItemResponse": []}
