"""Make the descriptions of Freshdesk and Freshservice: their documented calls, and answers as their readers know them.

python -m tests.peers.descriptions.from_freshworks. What comes back of each kind is what Airbyte's connectors read out
of these services (MIT); of Freshservice also what the vendor's own client reads (MIT). The calls, their parameters and
what may be sent are those of developers.freshdesk.com/api (Tickets, Conversations, Contacts, List All Ticket Fields,
Filter Tickets, Attachments, Pagination, Errors) and api.freshservice.com (Tickets, Conversations, Requesters).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

HERE = Path(__file__).parent
DESK, SERVICE, CLIENT = (
    "airbyte-source-freshdesk==3.1.3",
    "airbyte-source-freshservice==1.3.17",
    "@freshworks/api-sdk@0.3.0",
)
TEXT, WHOLE, TRUTH, MAP = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "object"}
TEXTS = {"type": "array", "items": TEXT}
FILES = {"attachments[]": TEXT}
PAGED = {"page": {"type": "integer", "minimum": 1}, "per_page": {"type": "integer", "minimum": 1, "maximum": 100}}

PERSON = {"requester_id": WHOLE, "email": TEXT, "name": TEXT, "phone": TEXT}
TICKET = {
    **PERSON,
    **dict.fromkeys(("subject", "description", "type", "due_by", "fr_due_by"), TEXT),
    **{name: {"type": ["integer", "null"]} for name in ("status", "priority", "source", "group_id", "responder_id")},
    "tags": TEXTS,
    "custom_fields": MAP,
    "email_config_id": WHOLE,
}
ON_DESK = {**TICKET, "unique_external_id": TEXT}
ON_DESK |= {name: {"type": ["integer", "null"]} for name in ("company_id", "product_id", "parent_id")}
ON_SERVICE = {
    **TICKET,
    **{name: {"type": ["string", "null"]} for name in ("category", "sub_category", "item_category")},
    **{name: {"type": ["integer", "null"]} for name in ("urgency", "impact", "department_id", "workspace_id")},
}
for name in ("type", "subject", "due_by", "fr_due_by"):
    ON_DESK[name] = ON_SERVICE[name] = {"type": ["string", "null"]}
REPLY = {"body": TEXT, "from_email": TEXT, "user_id": WHOLE, "cc_emails": TEXTS, "bcc_emails": TEXTS}
NOTE = {"body": TEXT, "private": TRUTH, "incoming": TRUTH, "user_id": WHOLE, "notify_emails": TEXTS}
LISTED = {
    **PAGED,
    **dict.fromkeys(("filter", "email", "updated_since", "include"), TEXT),
    "requester_id": WHOLE,
    "order_type": {"enum": ["asc", "desc"]},
}


def main() -> None:
    """Write freshdesk.json and freshservice.json."""
    with TemporaryDirectory() as directory:
        place = Path(directory)
        _download(place, DESK, SERVICE)
        desk = {
            name: json.loads((place / f"source_freshdesk/schemas/{file}.json").read_bytes())["properties"]
            for name, file in (
                *(("Ticket", "tickets"), ("Conversation", "conversations"), ("Contact", "contacts")),
                ("TicketField", "ticket_fields"),
            )
        }
        service = _service(place)
    _write("freshdesk", [DESK], _desk(), desk)
    _write("freshservice", [CLIENT, SERVICE], _of_service(), service)


def _desk() -> dict[str, Any]:
    order = {"order_by": {"enum": ["created_at", "due_by", "updated_at", "status"]}}
    listed = {**LISTED, **order, "unique_external_id": TEXT, "company_id": WHOLE}
    found = {"query": {"type": "string", "pattern": '^".{1,512}"$'}, "page": {"type": "integer", "maximum": 10}}
    people = dict.fromkeys(("email", "mobile", "phone", "state", "updated_since"), TEXT)
    return {
        "GET /api/v2/tickets": (listed, None, _several("Ticket")),
        "POST /api/v2/tickets": ({}, ON_DESK | {"cc_emails": TEXTS}, _one("Ticket")),
        "GET /api/v2/tickets/{id}": ({"include": TEXT}, None, _one("Ticket")),
        "PUT /api/v2/tickets/{id}": ({}, ON_DESK, _one("Ticket")),
        "DELETE /api/v2/tickets/{id}": ({}, None, None),
        "GET /api/v2/search/tickets": (found, None, _object(total=WHOLE, results=_several("Ticket"))),
        "GET /api/v2/ticket_fields": ({"type": TEXT}, None, _several("TicketField")),
        "GET /api/v2/tickets/{id}/conversations": (PAGED, None, _several("Conversation")),
        "POST /api/v2/tickets/{id}/reply": ({}, REPLY, _one("Conversation")),
        "POST /api/v2/tickets/{id}/notes": ({}, NOTE, _one("Conversation")),
        "DELETE /api/v2/conversations/{id}": ({}, None, None),
        "GET /api/v2/contacts": ({**PAGED, **people, "company_id": WHOLE}, None, _several("Contact")),
        "GET /api/v2/contacts/autocomplete": ({"term": TEXT}, None, _several("Contact")),
    }


def _of_service() -> dict[str, Any]:
    listed = {**LISTED, "workspace_id": WHOLE, "type": TEXT}
    found = {**PAGED, "query": {"type": "string", "pattern": '^".{1,512}"$'}}
    people = dict.fromkeys(("email", "mobile_phone_number", "work_phone_number", "query"), TEXT)
    ticket = _object(ticket=_one("Ticket"))
    said = _object(conversation=_one("Conversation"))
    return {
        "GET /api/v2/tickets": (listed, None, _object(tickets=_several("Ticket"))),
        "POST /api/v2/tickets": ({}, ON_SERVICE | {"cc_emails": TEXTS}, ticket),
        "GET /api/v2/tickets/{id}": ({"include": TEXT}, None, ticket),
        "PUT /api/v2/tickets/{id}": ({}, ON_SERVICE, ticket),
        "DELETE /api/v2/tickets/{id}": ({}, None, None),
        "GET /api/v2/tickets/filter": (found, None, _object(tickets=_several("Ticket"))),
        "GET /api/v2/ticket_form_fields": (
            {"workspace_id": WHOLE},
            None,
            _object(ticket_fields={"type": "array", "items": _object(name=TEXT, label=TEXT)}),
        ),
        "GET /api/v2/tickets/{id}/conversations": (PAGED, None, _object(conversations=_several("Conversation"))),
        "POST /api/v2/tickets/{id}/reply": ({}, REPLY, said),
        "POST /api/v2/tickets/{id}/notes": ({}, NOTE, said),
        "DELETE /api/v2/conversations/{id}": ({}, None, None),
        "GET /api/v2/requesters": ({**PAGED, **people}, None, _object(requesters=_several("Requester"))),
    }


def _service(place: Path) -> dict[str, Any]:
    """Return what the vendor's client reads, and what Airbyte's reads besides."""
    read = yaml.safe_load((place / "source_freshservice/manifest.yaml").read_text())["schemas"]
    found: dict[str, Any] = {}
    for name, also in (("Ticket", "tickets"), ("Conversation", None), ("Requester", "requesters")):
        text = (place / f"package/dist/gen/freshservice/model/{name}.js").read_text()
        members = re.findall(r'obj\["(\w+)"\] = ApiClient_1\.default\.convertToType\(data\["\w+"\], (.+?)\);', text)
        known = {one: _kind(kind) for one, kind in members}
        found[name] = known | (read[also]["properties"] if also else {})
    return found


def _kind(written: str) -> dict[str, Any]:
    """Write a type of the vendor's client as a schema; blank fields are null, as the documentation says."""
    if written.startswith("["):
        return {"type": ["array", "null"]}
    simple = {'"String"': "string", '"Date"': "string", '"Number"': "integer", '"Boolean"': "boolean"}
    return {"type": [simple.get(written, "object"), "null"]}


def _download(place: Path, *packages: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(place), *packages]
    subprocess.run(command, check=True)
    for wheel in place.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(place)
    subprocess.run(["npm", "pack", "--silent", CLIENT], cwd=place, check=True, capture_output=True)
    with tarfile.open(next(place.glob("*.tgz"))) as packed:
        packed.extractall(place, filter="data")


def _write(name: str, packages: list[str], calls: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    paths: dict[str, Any] = {}
    for call, (asked, sent, answered) in calls.items():
        verb, _, path = call.partition(" ")
        paths.setdefault(path, {})[verb.lower()] = _operation(path, asked, sent, answered)
    schemas = {
        kind: {"type": "object", "properties": _bare(known), "required": ["id"]} for kind, known in kinds.items()
    }
    source = {"packages": packages, "package_licence": "MIT", "made_by": "from_freshworks.py"}
    written = {"x-source": source, "openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}
    (HERE / f"{name}.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _operation(path: str, asked: Mapping[str, Any], sent: Mapping[str, Any] | None, answered: Any) -> dict[str, Any]:
    parameters = [
        {"in": "path", "name": one, "required": True, "schema": WHOLE} for one in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [{"in": "query", "name": one, "schema": schema} for one, schema in asked.items()]
    made: dict[str, Any] = {"parameters": parameters, "responses": {"204": {}}}
    if answered is not None:
        made["responses"] = {"2XX": {"content": {"application/json": {"schema": answered}}}}
    if sent is not None:
        plain = {"type": "object", "properties": sent}
        kinds: dict[str, Any] = {"application/json": {"schema": plain}}
        if not path.endswith("{id}"):
            kinds["multipart/form-data"] = {"schema": {"type": "object", "properties": {**sent, **FILES}}}
        made["requestBody"] = {"required": True, "content": kinds}
    return made


def _bare(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the types of fields, without words and without what is inside them."""
    return {one: {"type": schema["type"]} if "type" in schema else {} for one, schema in properties.items()}


def _one(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _several(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _one(name)}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


if __name__ == "__main__":
    main()
