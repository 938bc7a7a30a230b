"""The demo's recipes: one for each kind of document, from its folder to a dataset and a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One kind of document: its schema, what its table is called, its columns, and those that name a document best."""

    schema: str
    table: str
    title: str
    columns: Mapping[str, str]
    told: Sequence[str]


KINDS = (
    Kind(
        "invoice",
        "invoices",
        "Invoices to table",
        {
            "number": "number",
            "issued": "issue_date",
            "due": "due_date",
            "supplier": "supplier.name",
            "customer": "customer.name",
            "currency": "currency",
            "net": "net",
            "tax": "tax",
            "total": "total",
        },
        ("number", "supplier", "currency", "total"),
    ),
    Kind(
        "receipt",
        "receipts",
        "Receipts to table",
        {"merchant": "merchant.name", "date": "date", "currency": "currency", "tax": "tax", "total": "total"},
        ("merchant", "date", "currency", "total"),
    ),
    Kind(
        "purchase_order",
        "orders",
        "Purchase orders to table",
        {"number": "number", "date": "date", "buyer": "buyer", "supplier": "supplier", "total": "total"},
        ("number", "buyer", "supplier", "total"),
    ),
    Kind(
        "contract",
        "contracts",
        "Contracts to table",
        {"title": "title", "effective": "effective_date", "ends": "end_date", "law": "governing_law", "value": "value"},
        ("title", "effective", "ends", "value"),
    ),
    Kind(
        "cv",
        "people",
        "CVs to table",
        {"name": "name", "email": "email", "phone": "phone", "location": "location"},
        ("name", "email", "phone"),
    ),
    Kind(
        "article",
        "articles",
        "Articles to table",
        {"title": "title", "author": "author", "published": "published", "site": "site"},
        ("title", "author", "published"),
    ),
)


def document(kind: Kind, folder: Path) -> dict[str, Any]:
    """Return the recipe of a kind, over the demo's folder."""
    columns = {"document": "{{ trigger.name }}"}
    columns |= {name: f"{{{{ read.{path} }}}}" for name, path in kind.columns.items()}
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": f"demo-{kind.table}", "title": kind.title, "labels": ["demo"]},
        "spec": {
            "trigger": {"uses": "folder.file_added", "with": {"directory": str(folder / "inbox" / kind.table)}},
            "steps": [
                {"id": "read", "uses": "extract", "with": {"schema": kind.schema, "source": "{{ trigger.file }}"}},
                {
                    "id": "table",
                    "uses": "dataset.write_rows",
                    "with": {
                        "dataset": kind.table,
                        "mode": "upsert",
                        "key": ["document"],
                        "columns": columns | {"record": "{{ read }}"},
                    },
                },
                {
                    "id": "workbook",
                    "uses": "files.write_xlsx",
                    "with": {
                        "directory": str(folder / "outbox"),
                        "file": f"{kind.table}.xlsx",
                        "columns": columns,
                        "order": list(columns),
                    },
                },
            ],
        },
    }
