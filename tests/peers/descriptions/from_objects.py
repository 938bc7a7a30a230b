"""Make the description of QuickBooks Online out of python-quickbooks, whose classes hold the documented fields.

python -m tests.peers.descriptions.from_objects. The calls are those that Intuit documents under
developer.intuit.com/app/developer/qbo/docs/learn (Query operations, Batch operation, Attach images and notes).
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGE = "python-quickbooks"
MODULES = {
    "Account": "account",
    "Attachable": "attachable",
    "Bill": "bill",
    "CompanyInfo": "company_info",
    "Customer": "customer",
    "Invoice": "invoice",
    "Item": "item",
    "TaxCode": "taxcode",
    "Term": "term",
    "Vendor": "vendor",
}
WRITTEN = ("Bill", "Customer", "Invoice", "Vendor")
TEXT, NUMBER, TRUTH = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
TEXT_OR_NUMBER = {"type": ["string", "number"]}
# What the classes begin with says little or something else than the answers do
BETTER: dict[str, dict[str, Any]] = {
    "Id": TEXT,
    "SyncToken": TEXT_OR_NUMBER,
    "TotalAmt": NUMBER,
    "Balance": NUMBER,
    "DocNumber": {"type": "string", "maxLength": 21},
    "DisplayName": {"type": "string", "maxLength": 500},
    "TxnId": TEXT_OR_NUMBER,
    "TxnType": TEXT_OR_NUMBER,
}
# Documented since, or everywhere, and not in the classes
ALSO: dict[str, dict[str, Any]] = {
    "MetaData": {"$ref": "#/components/schemas/MetaData"},
    "status": TEXT,
    "GlobalTaxCalculation": {"enum": ["TaxExcluded", "TaxInclusive", "NotApplicable", None]},
}
_NOT_IN_MIXED = {"type": ["string", "number", "boolean", "null"]}


def main() -> None:
    """Write quickbooks.json."""
    schemas: dict[str, Any] = {}
    for name, module in MODULES.items():
        _describe(getattr(import_module(f"quickbooks.objects.{module}"), name), schemas, top=True)
    _describe(import_module("quickbooks.objects.base").MetaData, schemas)
    source = {"package": f"{PACKAGE}=={version(PACKAGE)}", "package_licence": "MIT", "made_by": "from_objects.py"}
    written = {"x-source": source, "openapi": "3.1.0", "paths": _paths(), "components": {"schemas": schemas}}
    (HERE / "quickbooks.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _describe(kind: Any, schemas: dict[str, Any], *, top: bool = False) -> dict[str, str]:
    """Add the schema of a class, closed, and of what is in it."""
    name = kind.__name__
    if name not in schemas:
        schemas[name] = {}
        fields = _fields(kind, schemas) | (ALSO if top else {})
        schemas[name] = {"type": "object", "properties": fields, "additionalProperties": False}
    return {"$ref": f"#/components/schemas/{name}"}


def _fields(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in vars(kind()).items():
        if not name.startswith("_"):
            fields[name] = BETTER.get(name) or _plain(value)
    for name, inner in getattr(kind, "class_dict", {}).items():
        fields[name] = _describe(inner, schemas)
    for name, inner in getattr(kind, "list_dict", {}).items():
        element = _describe(inner, schemas)
        if name == "Line" and kind.detail_dict:
            element = _lines(kind, inner, schemas)
        fields[name] = {"type": "array", "items": element}
    return fields


def _lines(kind: Any, plain: Any, schemas: dict[str, Any]) -> dict[str, str]:
    """Describe lines, whose kinds differ by the detail that they have."""
    name = f"{kind.__name__}Line"
    fields = _fields(plain, schemas)
    for one in kind.detail_dict.values():
        fields |= _fields(one, schemas)
    details = {"DetailType": {"enum": list(kind.detail_dict)}}
    schemas[name] = {
        "type": "object",
        "properties": fields | details,
        "required": ["Amount", "DetailType"],
        "additionalProperties": False,
    }
    return {"$ref": f"#/components/schemas/{name}"}


def _plain(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, (int, float)):
        return NUMBER
    return TEXT if isinstance(value, str) else _NOT_IN_MIXED


def _paths() -> dict[str, Any]:
    found = {"type": "object", "additionalProperties": {"type": ["array", "integer"]}}
    query = {"application/text": {"schema": {"type": "string"}}}
    operations: dict[str, Any] = {
        "GET query": _operation({}, {"QueryResponse": found}),
        "POST query": _operation(query, {"QueryResponse": found}),
        "POST batch": _operation(_json(_batch("BatchItemRequest")), {"BatchItemResponse": {"type": "array"}}),
        "POST upload": _operation(
            {"multipart/form-data": {"schema": _upload()}}, {"AttachableResponse": {"type": "array"}}
        ),
        "GET companyinfo/{id}": _operation({}, {"CompanyInfo": _reference("CompanyInfo")}),
    }
    for name in WRITTEN:
        operations[f"GET {name.lower()}/{{id}}"] = _operation({}, {name: _reference(name)})
        operations[f"POST {name.lower()}"] = _operation(_json(_reference(name)), {name: _reference(name)})
    paths: dict[str, Any] = {}
    for operation, described in operations.items():
        verb, _, path = operation.partition(" ")
        names = ["company", "id"] if "{id}" in path else ["company"]
        if operation == "GET query":
            described["parameters"].append({"in": "query", "name": "query", "required": True, "schema": TEXT})
        described["parameters"] += [{"in": "path", "name": one, "required": True, "schema": TEXT} for one in names]
        paths.setdefault(f"/v3/company/{{company}}/{path}", {})[verb.lower()] = described
    return paths


def _operation(sent: dict[str, Any], answered: dict[str, Any]) -> dict[str, Any]:
    identity = {"in": "query", "name": "requestid", "schema": {"type": "string", "minLength": 1, "maxLength": 50}}
    form = {"in": "query", "name": "minorversion", "required": True, "schema": {"type": "integer", "minimum": 75}}
    does = {"in": "query", "name": "operation", "schema": {"enum": ["delete", "update", "void"]}}
    properties = {**answered, "time": TEXT}
    answer = {"type": "object", "properties": properties, "required": list(answered), "additionalProperties": False}
    described: dict[str, Any] = {
        "parameters": [identity, form, does],
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }
    if sent:
        described["requestBody"] = {"required": True, "content": sent}
    return described


def _batch(name: str) -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["bId"],
        "properties": {
            "bId": {"type": "string", "minLength": 1, "maxLength": 10},
            "operation": {"enum": ["create", "update", "delete"]},
            "Query": TEXT,
            **{one: _reference(one) for one in WRITTEN},
        },
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {name: {"type": "array", "items": item, "minItems": 1, "maxItems": 30}},
        "required": [name],
        "additionalProperties": False,
    }


def _upload() -> dict[str, Any]:
    names = ["file_metadata_01", "file_content_01"]
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": names}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


if __name__ == "__main__":
    main()
