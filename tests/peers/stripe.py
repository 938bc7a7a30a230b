"""A Stripe account: held to Stripe's OpenAPI description; lists begin with the newest, repeats are known by keys."""

from typing import Any

import msgspec
from aiohttp import web

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.openapi_samples import sample

BEGINNING = 1_795_000_000
_WRITES = {"POST", "DELETE"}


class StripePeer(OpenApiPeer):
    """`events`, `customers` and `items` in the order in which they were made; a clock that is moved by hand."""

    def __init__(self) -> None:
        super().__init__("stripe", error=_error)
        self.events: list[dict[str, Any]] = []
        self.customers: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.subscriptions: list[dict[str, Any]] = []
        self.now = BEGINNING
        self.frozen = False
        self._answers: dict[str, tuple[Any, Any]] = {}
        self.on("GET", "/v1/events")(lambda call: self._listed(call, self.events))
        self.on("GET", "/v1/customers")(self._find)
        self.on("POST", "/v1/customers")(lambda call: self._once(call, self._create))
        self.on("GET", "/v1/customers/{customer}")(self._shown)
        self.on("POST", "/v1/customers/{customer}")(lambda call: self._once(call, self._change))
        self.on("DELETE", "/v1/customers/{customer}")(self._delete)
        self.on("GET", "/v1/invoiceitems")(self._find_items)
        self.on("POST", "/v1/invoiceitems")(lambda call: self._once(call, self._charge))
        self.on("DELETE", "/v1/invoiceitems/{invoiceitem}")(self._delete_item)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb in _WRITES for call in self.calls)

    def happen(self, kind: str = "invoice.paid", **given: Any) -> dict[str, Any]:
        """Let something happen in the account."""
        about = {"id": f"in_{len(self.events)}", "object": "invoice", "amount_paid": 11_850}
        event = sample(self.schemas, "event") | {
            "id": f"evt_{10_000 + len(self.events)}",
            "type": kind,
            "created": self.now,
            "data": {"object": about},
            **given,
        }
        self.events.append(event)
        return event

    def add_customer(self, **given: Any) -> dict[str, Any]:
        """Add a customer beside the connector."""
        customer = sample(self.schemas, "customer") | {
            "id": f"cus_{len(self.customers)}",
            "created": self.now,
            "metadata": {},
            "balance": 0,
            **dict.fromkeys(("email", "name", "phone", "description")),
            **given,
        }
        self.customers.append(customer)
        return customer

    def _listed(self, call: Call, there: list[dict[str, Any]]) -> Any:
        asked, at = call.arguments, "created" if there is not self.items else "date"
        since = asked.get("created", {}).get("gte", 0)
        types = asked.get("types", [])
        found = [one for one in there if one[at] >= since and (not types or one["type"] in types)]
        found.sort(key=lambda one: (one[at], one["id"]), reverse=True)
        if "starting_after" in asked:
            place = next((at for at, one in enumerate(found) if one["id"] == asked["starting_after"]), None)
            if place is None:
                raise Refused(400, "No such event.")
            found = found[place + 1 :]
        size = asked.get("limit", 10)
        if not 1 <= size <= 100:
            raise Refused(400, "Invalid integer")
        url = call.path
        return {"object": "list", "data": found[:size], "has_more": len(found) > size, "url": url}

    def _once(self, call: Call, handler: Any) -> Any:
        """Answer a repeat under a key with the answer to the first; the same key for something else is an error."""
        key, asked = call.request.headers.get("Idempotency-Key"), (call.request.path, call.body)
        if key is None:
            return handler(call)
        if key not in self._answers:
            self._answers[key] = (asked, msgspec.json.encode(handler(call)))
        before, answer = self._answers[key]
        if before != asked:
            told = {"type": "idempotency_error", "message": "Keys can only be used with the same parameters."}
            return web.json_response({"error": told}, status=400)
        return Reply(body=msgspec.json.decode(answer), headers={"Idempotent-Replayed": "true"})

    def _find(self, call: Call) -> Any:
        email = call.arguments.get("email")
        there = [one for one in self.customers if not one.get("deleted") and email in {None, one["email"]}]
        return self._listed(call, there)

    def _known(self, call: Call) -> dict[str, Any]:
        identity = call.arguments["customer"]
        found = next((one for one in self.customers if one["id"] == identity), None)
        if found is None:
            raise Refused(404, f"No such customer: '{identity}'")
        return found

    def _shown(self, call: Call) -> Any:
        found = self._known(call)
        if found.get("deleted"):
            return {"id": found["id"], "object": "customer", "deleted": True}
        if "subscriptions" in call.arguments.get("expand", []):
            there = {"object": "list", "data": self.subscriptions, "has_more": False, "url": "/v1/subscriptions"}
            return {**found, "subscriptions": there}
        return found

    def _create(self, call: Call) -> Any:
        self._require(call.body)
        return self.add_customer(**call.body)

    def _change(self, call: Call) -> Any:
        found = self._known(call)
        self._require(call.body)
        merged = found["metadata"] | call.body.get("metadata", {})
        found |= {name: value or None for name, value in call.body.items()}
        found["metadata"] = {name: value for name, value in merged.items() if value}
        return found

    def _require(self, body: dict[str, Any]) -> None:
        if self.frozen:
            raise Refused(400, "This account may not be written to any more.")
        if body.get("email") and "@" not in body["email"]:
            raise Refused(400, f"Invalid email address: {body['email']}")

    def _delete(self, call: Call) -> Any:
        found = self._known(call)
        found["deleted"] = True
        return {"id": found["id"], "object": "customer", "deleted": True}

    def _find_items(self, call: Call) -> Any:
        there = [one for one in self.items if one["customer"] == call.arguments.get("customer", one["customer"])]
        since = call.arguments.pop("created", {}).get("gte", 0)
        return self._listed(call, [one | {"created": one["date"]} for one in there if one["date"] >= since])

    def _charge(self, call: Call) -> Any:
        if all(one["id"] != call.body["customer"] or one.get("deleted") for one in self.customers):
            raise Refused(400, f"No such customer: '{call.body['customer']}'")
        item = sample(self.schemas, "invoiceitem") | {
            "id": f"ii_{len(self.items)}",
            "date": self.now,
            "period": {"start": self.now, "end": self.now},
            "metadata": {},
            **call.body,
        }
        self.items.append(item)
        return item

    def _delete_item(self, call: Call) -> Any:
        found = next((one for one in self.items if one["id"] == call.arguments["invoiceitem"]), None)
        if found is None:
            raise Refused(404, "No such invoiceitem")
        self.items.remove(found)
        return {"id": found["id"], "object": "invoiceitem", "deleted": True}


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error" if status < 500 else "api_error", "message": message}}
