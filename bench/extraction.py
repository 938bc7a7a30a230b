"""Figures of extraction: what is right without a model, how fast a hub works through documents, and its memory."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.figures import Row
from bench.hub import Hub
from bench.measure import memory_by_part, percentile
from scripts.evaluation.__main__ import write
from scripts.evaluation.catalogue import Entry, catalogue

_TEXTS, _SCANS = 70, 30
_STEPS, _A_STEP = 5, 100


def measure(hub: Hub, folder: Path) -> list[Row]:
    """Measure everything in turn."""
    return [*accuracy(hub, folder / "evaluation"), *hundred(hub), *flat(hub)]


def accuracy(hub: Hub, folder: Path) -> list[Row]:
    """Evaluate the held-out half, one document at a time, with no model."""
    write(folder, "heldout")
    arguments = ("eval", "run", str(folder), "--at-once", "1", "-o", "json")
    result = json.loads(hub.local(*arguments, patience=1_800))
    text, scans, every = result["text"], result["scans"], result["totals"]
    calibration = result["calibration"]
    return [
        Row(
            f"fields right on {text['documents']} held-out text documents, no model",
            "%", 100 * text["accuracy"], 90, at_least=True,
        ),
        Row(
            f"fields right on {scans['documents']} held-out scans, no model",
            "%", 100 * scans["accuracy"], 80, at_least=True,
        ),
        Row("values invented, of those given", "%", 100 * every["invented_share"], 1),
        Row("values whose evidence is verified", "%", 100 * every["verified_share"], 95, at_least=True),
        Row("expected calibration error of confidence", "", calibration["ece"], 0.1),
        Row("a page of a text document, read and extracted", "s", text["seconds_per_page"], 1),
        Row("a scanned page, read and extracted", "s", scans["seconds_per_page"], 6),
    ]  # fmt: skip


def hundred(hub: Hub) -> list[Row]:
    """Send a hub 70 text documents and 30 scans in batches and ask for metadata meanwhile."""
    entries = catalogue("heldout")
    texts = [one for one in entries if not one.look]
    scans = [one for one in entries if one.look]
    chosen = [*_fresh(texts, _TEXTS, "hundred"), *_fresh(scans, _SCANS, "hundred")]
    files = _uploaded(hub, chosen)
    with _Asking(hub) as asking:
        began = time.monotonic()
        failed = _worked_through(hub, files)
        took = time.monotonic() - began
    return [
        Row("100 documents, 30 of them scans, through the hub", "s", took, 600),
        Row("of these failed", "documents", failed, 0),
        Row("a metadata call meanwhile, p95", "ms", percentile(asking.times, 0.95), 500),
    ]


def flat(hub: Hub) -> list[Row]:
    """Work through 500 documents and compare the memory of the tree after the first hundred and after the last."""
    texts = [one for one in catalogue("tuning") if not one.look]
    sizes = []
    for step in range(_STEPS):
        _worked_through(hub, _uploaded(hub, _fresh(texts, _A_STEP, f"flat-{step}")))
        sizes.append(sum(memory_by_part(hub.pid).values()))
    listed = ", ".join(f"{size:.0f}" for size in sizes)
    grown = 100 * (sizes[-1] / sizes[0] - 1)
    return [Row(f"memory of the tree grown from document 100 to 500 (PSS in MB: {listed})", "%", grown, 10)]


def _fresh(entries: Sequence[Entry], count: int, turn: str) -> list[Entry]:
    """Return documents of the same makes with other content, so that no reading is taken from before."""
    known = [entry for entry in entries if not entry.schema.endswith(".yaml")]
    chosen = (known[index % len(known)] for index in range(count))
    return [msgspec.structs.replace(entry, name=f"{turn}-{number}-{entry.name}") for number, entry in enumerate(chosen)]


def _uploaded(hub: Hub, entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Send the documents and return their files by schema."""
    files: dict[str, list[str]] = {}
    for entry in entries:
        content, _ = entry.make()
        files.setdefault(entry.schema, []).append(hub.upload(entry.name, content))
    return files


def _worked_through(hub: Hub, files: dict[str, list[str]]) -> int:
    """Extract files in a batch for each schema and return how many failed."""
    settings = {"engine": "local"}
    waiting = {
        hub.ask("POST", "/batches", {"schema": schema, "files": those, "settings": settings})["id"]
        for schema, those in files.items()
    }
    failed = 0
    while waiting:
        time.sleep(0.5)
        for identity in sorted(waiting):
            batch: dict[str, Any] = hub.ask("GET", f"/batches/{identity}")
            if batch["state"] != "running":
                waiting.discard(identity)
                failed += batch["failed"]
                _tell_failures(hub, identity)
    return failed


def _tell_failures(hub: Hub, batch: str) -> None:
    for file in hub.ask("GET", f"/batches/{batch}/files?limit=200")["items"]:
        if file["state"] == "failed":
            print(f"{file['name']}: {file['message']}", file=sys.stderr)


class _Asking:
    """Asks a hub for a list of extractions four times a second and keeps how long each answer took."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.times: list[float] = []

    def __enter__(self) -> "_Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(0.25):
            began = time.monotonic()
            self._hub.ask("GET", "/extractions?limit=20")
            self.times.append(1000 * (time.monotonic() - began))
