"""What came with an item, and where its record went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from nicegui import ui

from hub.runs import Delivery, ItemDetail
from hub.text import say
from ui.pieces import div, pill, words
from ui.runs.naming import target_title
from ui.values import brief

MOST_RECEIPTS = 12


def receipts(detail: ItemDetail) -> None:
    """Say where the record went: a link for each receipt that has an address, else its reference."""
    sent = [one for one in detail.deliveries if one.state in {"sent", "accepted"} and (one.url or one.reference)]
    if not sent:
        return
    with div("pd-line pd-tight").mark("receipts").props("data-testid=receipts"):
        words(say("item.went"), "pd-soft pd-small", "span")
        for one in sent[:MOST_RECEIPTS]:
            name = target_title(one.target)
            if one.url and urlsplit(one.url).scheme in {"http", "https"}:
                ui.link(one.reference or name, one.url, new_tab=True).props("rel=noreferrer").classes("pd-pill")
            elif place := _inside(one):
                ui.link(f"{name} · {brief(one.reference, 60)}", place).classes("pd-pill")
            else:
                pill(f"{name} · {brief(one.reference, 60)}")


def _inside(delivery: Delivery) -> str:
    """Return where in the hub a delivery lies: a dataset or a stored file; empty when it lies elsewhere."""
    output = delivery.output if isinstance(delivery.output, Mapping) else {}
    dataset, file = output.get("dataset"), output.get("file")
    if delivery.target.startswith("dataset.") and isinstance(dataset, str):
        return f"/datasets/{quote(dataset, safe='')}"
    if isinstance(file, str) and file.startswith("fil_") and file[4:].isalnum():
        return f"/api/v1/files/{file}/content"
    return ""


def files(content: Any) -> None:
    """Offer the files that came with an item."""
    files = list(_found_files(content, 0))
    if files:
        with div("pd-line"):
            for identity, name in files[:20]:
                ui.link(name, f"/api/v1/files/{identity}/content").props("download").classes("pd-pill").mark(
                    f"file {identity}"
                )


def _found_files(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > 6:
        return
    if isinstance(value, Mapping):
        reference = value.get("file")
        if isinstance(reference, str) and reference.startswith("fil_") and reference[4:].isalnum():
            yield reference, str(value.get("name") or reference)
        for inner in value.values():
            yield from _found_files(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from _found_files(inner, depth + 1)
