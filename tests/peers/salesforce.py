"""An organisation of Salesforce with contacts: after its documented REST API, with its SOQL, rules and refusals."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.salesforce_rules import broken_rule, field, refused, stored
from tests.peers.salesforce_tokens import TOKENS, SalesforceTokens
from tests.peers.soql import Parser, SoqlError

API = "/services/data/{version}"
ROOT, OBJECTS, DESCRIBED = f"{API}/", f"{API}/sobjects", f"{API}/sobjects/{{sObject}}/describe"
QUERY, MORE = f"{API}/query", f"{API}/query/{{locator}}"
ROWS, ROW = f"{API}/sobjects/{{sObject}}/", f"{API}/sobjects/{{sObject}}/{{id}}"
MANY, UPSERT = f"{API}/composite/sobjects", f"{API}/composite/sobjects/{{sObject}}/{{field}}"
FIXED: dict[str, Any] = {"createable": False, "updateable": False, "nillable": False}
FIELDS = {
    one["name"]: one
    for one in (
        field("Id", "id", idLookup=True, caseSensitive=True, **FIXED),
        field("Name", "string", **FIXED),
        field("LastName", "string", nillable=False),
        field("Email", "email", idLookup=True),
        field("Stage__c", "picklist", options=("New", "Won")),
        field("Tags__c", "multipicklist", options=("red", "green", "blue")),
        field("Score__c", "double", scale=2),
        field("Active__c", "boolean", nillable=False, defaultedOnCreate=True),
        field("Born__c", "date"),
        field("Seen__c", "datetime"),
        field("Note__c", "textarea", filterable=False),
        field("Number__c", "string", externalId=True, idLookup=True, unique=True),
        field("AccountId", "reference", relationshipName="Account"),
        field("CreatedDate", "datetime", **FIXED),
        field("SystemModstamp", "datetime", **FIXED),
    )
}
ACCOUNTS: dict[Any, str] = {"001000000000001AAA": "A-1", "001000000000002AAA": "A-2"}
_LINKED = {"Account.Number__c": field("Account.Number__c", "string")}
_CODES = {400: "BAD_REQUEST", 401: "INVALID_SESSION_ID", 403: "INSUFFICIENT_ACCESS", 404: "NOT_FOUND"}


class SalesforcePeer(OpenApiPeer):
    """`kept` holds the contacts, `fields` what each has; a query answers `page` records at once.

    ACCOUNTS are the numbers, external ids, of accounts to which contacts can belong.
    """

    def __init__(self) -> None:
        super().__init__("salesforce", error=_error)
        self.kept = Kept(lambda number: f"003{number:012}AAA")
        self.fields = dict(FIELDS)
        self.page = 2000
        self.used = 0
        self.soql: list[str] = []
        self.oauth = SalesforceTokens(self)
        self._results: list[dict[str, Any]] = []
        self.open.add(TOKENS)
        self.on("POST", TOKENS)(self.oauth.answer)
        self.on("GET", ROOT)(lambda call: {"query": call.request.path + "query"})
        self.on("GET", OBJECTS)(self._objects)
        self.on("GET", DESCRIBED)(self._describe)
        self.on("GET", QUERY)(self._query)
        self.on("GET", f"{QUERY}/")(self._query)
        self.on("GET", MORE)(self._more)
        self.on("POST", ROWS)(lambda call: Reply(status=201, body=self._single(call, {})))
        self.on("GET", ROW)(lambda call: self._shown(self._row(call.arguments["id"]), list(self.fields)))
        self.on("PATCH", ROW)(self._change)
        self.on("DELETE", ROW)(self._delete)
        self.on("POST", MANY)(lambda call: [self._saved(one, {}) for one in self._values_of(call.body["records"])])
        self.on("PATCH", MANY)(self._change_many)
        self.on("PATCH", UPSERT)(self._upsert)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        kinds = (("POST", MANY), ("PATCH", MANY), ("PATCH", UPSERT), ("POST", ROWS), ("PATCH", ROW), ("DELETE", ROW))
        return sum(len(self.asked(*one)) for one in kinds)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, and tell of the daily limit."""
        self.used += 1
        given = await super().answer(request)
        given.headers["Sforce-Limit-Info"] = f"api-usage={self.used}/15000"
        return given

    def _objects(self, call: Call) -> dict[str, Any]:
        plain: dict[str, Any] = {"queryable": True, "createable": True, "updateable": True}
        plain |= {"deprecatedAndHidden": False, "custom": False, "keyPrefix": None, "urls": {}}
        told = [
            {**plain, "name": "Contact", "label": "Contact"},
            {**plain, "name": "Invoice__c", "label": "Invoice", "custom": True},
            {**plain, "name": "ContactHistory", "label": "Contact History", "createable": False, "updateable": False},
            {**plain, "name": "Retired__c", "label": "Retired", "deprecatedAndHidden": True},
        ]
        return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": told}

    def _describe(self, call: Call) -> dict[str, Any]:
        self._require_contact(call.arguments["sObject"])
        return {"name": "Contact", "label": "Contact", "fields": list(self.fields.values())}

    def _query(self, call: Call) -> dict[str, Any]:
        self.soql.append(call.arguments["q"])
        try:
            select = Parser(call.arguments["q"], {"Contact": self.fields | _LINKED}).select()
        except SoqlError as error:
            raise Refused(400, f"{error.code}: {error}") from error
        rows = select.of([{**self._compared(row), "": row} for row in self.kept.there])
        if not select.fields:
            return {"totalSize": len(rows), "done": True, "records": []}
        self._results = [self._shown(row[""], select.fields) for row in rows]
        return self._part(call, 0)

    def _more(self, call: Call) -> dict[str, Any]:
        return self._part(call, int(call.arguments["locator"].rpartition("-")[2]))

    def _part(self, call: Call, start: int) -> dict[str, Any]:
        end = start + self.page
        page = {"totalSize": len(self._results), "done": end >= len(self._results)}
        version = call.arguments["version"]
        following = (
            {} if page["done"] else {"nextRecordsUrl": f"/services/data/{version}/query/01gRO0000016PIAYA2-{end}"}
        )
        return page | following | {"records": self._results[start:end]}

    def _change(self, call: Call) -> Reply:
        self._single(call, self._row(call.arguments["id"]))
        return Reply(status=204)

    def _delete(self, call: Call) -> Reply:
        self._row(call.arguments["id"])["archived"] = True
        return Reply(status=204)

    def _change_many(self, call: Call) -> list[dict[str, Any]]:
        sent = self._values_of(call.body["records"])
        return [
            self._saved(values, self.kept.get(one["id"]))
            for one, values in zip(call.body["records"], sent, strict=True)
        ]

    def _upsert(self, call: Call) -> list[dict[str, Any]]:
        name, sent = call.arguments["field"], self._values_of(call.body["records"])
        if not self.fields.get(name, {}).get("externalId"):
            raise Refused(404, f"NOT_FOUND: Provided external ID field does not exist or is not accessible: {name}")
        keys = [str(one.get(name)).casefold() for one in sent]
        results = []
        for one, key in zip(sent, keys, strict=True):
            if keys.count(key) > 1:
                results.append(refused("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", name))
                continue
            standing = next((row for row in self.kept.there if str(row["values"].get(name)).casefold() == key), {})
            results.append({**self._saved(one, standing), "created": not standing})
        return results

    def _values_of(self, sent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the values of records; what no record may hold spoils the whole request, before anything is kept."""
        read = []
        for one in sent:
            self._require_contact(one["attributes"]["type"])
            values = _linked({name: value for name, value in one.items() if name not in {"attributes", "id"}})
            strange = values.pop("Account", None)
            unknown = next((name for name in values if name not in self.fields), None)
            if unknown is not None:
                raise Refused(400, f"INVALID_FIELD: No such column '{unknown}' on sobject of type Contact")
            kept = {name: stored(self.fields[name], value) for name, value in values.items()}
            read.append(kept | ({} if strange is None else {"Account": strange}))
        return read

    def _single(self, call: Call, row: dict[str, Any]) -> dict[str, Any]:
        """Save a record that comes alone, whose refusal is one of the request."""
        [values] = self._values_of([{"attributes": {"type": call.arguments["sObject"]}, **call.body}])
        saved = self._saved(values, row)
        if not saved["success"]:
            raise Refused(400, f"{saved['errors'][0]['statusCode']}: {saved['errors'][0]['message']}")
        return saved

    def _saved(self, values: dict[str, Any], row: dict[str, Any] | None) -> dict[str, Any]:
        """Add a record, or change one that is there."""
        if row is None:
            return refused("ENTITY_IS_DELETED", "entity is deleted")
        if "Account" in values:
            told = f"Foreign key external ID: {values['Account']} not found for field Number__c in entity Account"
            return refused("INVALID_FIELD", told)
        others = [one["values"] for one in self.kept.there if one["id"] != row.get("id")]
        wrong = broken_rule(self.fields, values, row.get("values"), others)
        if wrong is not None:
            return wrong
        row = self.kept.edit(row, values) if row else self.kept.add(values)
        return {"id": row["id"], "success": True, "errors": []}

    def _row(self, identity: str) -> dict[str, Any]:
        row = self.kept.get(identity)
        if row is None:
            raise Refused(404, "NOT_FOUND: The requested resource does not exist")
        return row

    def _require_contact(self, thing: str) -> None:
        if thing != "Contact":
            raise Refused(404, "NOT_FOUND: The requested resource does not exist")

    def _values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return all values of a record as they are answered."""
        empty = {name: False if one["type"] == "boolean" else None for name, one in self.fields.items()}
        own = {"Id": row["id"], "Name": row["values"].get("LastName")}
        own |= {"CreatedDate": _moment(row["created"]), "SystemModstamp": _moment(row["changed"])}
        return {**empty, **row["values"], **own}

    def _compared(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return all values of a record as queries compare them."""
        number = ACCOUNTS.get(row["values"].get("AccountId"))
        return {"Account.Number__c": number} | {
            name: _typed(self.fields[name]["type"], value)
            for name, value in self._values(row).items()
            if name in self.fields
        }

    def _shown(self, row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
        place = f"/services/data/v62.0/sobjects/Contact/{row['id']}"
        values = self._values(row)
        told = {name: values[name] for name in names if name in values}
        if "Account.Number__c" in names:
            number = ACCOUNTS.get(values["AccountId"])
            told["Account"] = number and {"attributes": {"type": "Account", "url": place}, "Number__c": number}
        return {"attributes": {"type": "Contact", "url": place}, **told}


def _linked(values: dict[str, Any]) -> dict[str, Any]:
    """Put the id of the account that a record names by its number; a number that is none stays with its name."""
    number = values.pop("Account", {}).get("Number__c")
    found = next((identity for identity, one in ACCOUNTS.items() if one == number), None)
    return values if number is None else {**values, **({"AccountId": found} if found else {"Account": number})}


def _typed(kind: str, value: Any) -> Any:
    if value is None or kind not in {"date", "datetime"}:
        return value
    return date.fromisoformat(value) if kind == "date" else datetime.fromisoformat(value)


def _moment(moment: datetime) -> str:
    """Write a moment as Salesforce does, which keeps whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _error(status: int, message: str) -> list[dict[str, Any]]:
    code, colon, said = message.partition(": ")
    told = (code, said) if colon and code.isupper() else (_CODES.get(status, "UNKNOWN_EXCEPTION"), message)
    return [{"errorCode": told[0], "message": told[1]}]
