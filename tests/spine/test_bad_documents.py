"""Hostile and broken documents end as dead letters with a reason; the good ones beside them are delivered."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reading.docxs import by_hand
from tests.reading.pdfs import bomb, greeting, pdf
from tests.spine.invoices import generated
from tests.spine.running_hub import RunningHub, until

# several documents take their time before the first test begins
pytestmark = pytest.mark.timeout(600)

GOOD = generated(1)
WITHIN = 400
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted.pdf": (lambda: pdf(greeting, password="secret"), "The PDF is encrypted"),
    "broken.pdf": (lambda: pdf(greeting)[:400], "The PDF is broken"),
    "zero.pdf": (lambda: b"", "The file is empty"),
    "picture.pdf": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "The image is broken"),
    "program.docx": (lambda: b"\x7fELF" + bytes(500), "This is a program"),
    "bomb.docx": (lambda: by_hand("<w:p/>" * 16_000_000), "unpacks to more"),
    "bomb.pdf": (lambda: bomb(200_000_000), "more memory|unpacks to more|cannot be read"),
    "deep.html": (lambda: b"<html><body>" + b"<div>" * 200_000 + b"x", "nested too deep"),
    "pages.pdf": (lambda: pdf(greeting, pages=10_000), "has 10,000 pages"),
}
LARGER = 101 * 1024 * 1024


def recipe(name: str, trigger: dict[str, Any], source: str) -> dict[str, Any]:
    """Extract an invoice and keep it in a dataset."""
    table = {"dataset": name, "mode": "insert", "columns": {"number": "{{ read.number }}", "name": "{{ item.title }}"}}
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": name},
        "spec": {
            "trigger": trigger,
            "steps": [
                {"id": "read", "uses": "extract", "with": {"schema": "invoice", "source": source}},
                {"id": "keep", "uses": "dataset.write_rows", "with": table},
            ],
        },
    }


def fill(inbox: Path) -> int:
    """Put all documents into the folder, the good ones among the bad; returns how many there are."""
    inbox.mkdir()
    (inbox / "first.pdf").write_bytes(GOOD.content)
    for name, (make, _) in BAD.items():
        (inbox / name).write_bytes(make())
    with (inbox / "huge.pdf").open("wb") as huge:
        huge.truncate(LARGER)
    (inbox / "really-a-pdf.txt").write_bytes(GOOD.content)
    (inbox / "invoice..%2f..%2fescape.pdf").write_bytes(GOOD.content)
    return len(BAD) + 4


@pytest.fixture(scope="module")
def worker(hub: RunningHub) -> int:
    """The process that works when the documents arrive."""
    return hub.child("_serve").pid


@pytest.fixture(scope="module")
def items(hub: RunningHub, worker: int) -> dict[str, Any]:
    """What became of each document, by its name."""
    inbox = hub.folder / "inbox"
    count = fill(inbox)
    trigger = {"uses": "folder.file_added", "with": {"directory": str(inbox)}}
    recipe_id = hub.publish(recipe("documents", trigger, "{{ trigger.file }}"))
    return {item["title"]: item for item in hub.settled(recipe_id, count, WITHIN)}


@pytest.mark.parametrize("name", BAD)
def test_sets_a_bad_document_aside_with_the_reason(items: dict[str, Any], name: str) -> None:
    assert (items[name]["state"], items[name]["step"]) == ("dead", "read")
    assert re.search(BAD[name][1], items[name]["reason"])


def test_sets_a_document_aside_that_is_too_large_to_be_read(items: dict[str, Any]) -> None:
    assert (items["huge.pdf"]["state"], items["huge.pdf"]["step"]) == ("dead", "read")
    assert items["huge.pdf"]["reason"] == "The file is larger than 100 MB and was not read."


@pytest.mark.parametrize("name", ["first.pdf", "really-a-pdf.txt", "invoice..%2f..%2fescape.pdf"])
def test_delivers_the_good_documents_beside_them(hub: RunningHub, items: dict[str, Any], name: str) -> None:
    assert items[name]["state"] == "delivered"
    rows = hub.asked("dataset", "show", "documents")["records"]
    assert rows.count({"number": GOOD.number, "name": name}) == 1


@pytest.mark.parametrize("name", ["../../../etc/invoice.pdf", "..\\..\\invoice.pdf", "/etc/passwd"])
def test_takes_a_name_that_leads_elsewhere_for_a_label(hub: RunningHub, items: dict[str, Any], name: str) -> None:
    before = sorted(path for path in hub.folder.rglob("*") if path.name in {"invoice.pdf", "passwd"})
    recipe_id = hub.publish(recipe("uploads", {"uses": "manual.submitted"}, "{{ trigger.file }}"))
    stored = hub.http.post("/api/v1/files", files={"file": (name, GOOD.content, "application/pdf")}).json()
    started = hub.http.post(f"/api/v1/recipes/{recipe_id}/runs", json={"content": {"file": stored["id"]}, "key": name})
    item = until(lambda: hub.get(f"items/{started.json()['item']}")["item"], lambda item: item["ended_at"])
    assert (item["state"], "/" in stored["name"], "\\" in stored["name"]) == ("delivered", False, False)
    assert sorted(path for path in hub.folder.rglob("*") if path.name in {"invoice.pdf", "passwd"}) == before


def test_the_worker_lived_through_all_of_it(hub: RunningHub, worker: int, items: dict[str, Any]) -> None:
    hub.ready()
    assert hub.child("_serve").pid == worker
