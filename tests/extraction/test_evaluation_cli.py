"""`patchdeck eval` in a process of its own, on folders a person might have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.extraction.test_cli import patchdeck, printed

LETTER = "Invoice number: INV-17\nInvoice date: 14 March 2026\nTotal: 118.00 EUR\n"
RECORD = {"number": "inv 17", "issue_date": "2026-03-14", "total": 118, "currency": "EUR"}


def add(folder: Path, name: str, text: str, **expected: Any) -> None:
    """A document with what is expected of it."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / f"{name}.expected.json").write_text(json.dumps(expected))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    add(tmp_path, "a.txt", LETTER, schema="invoice", record=RECORD)
    add(tmp_path, "deeper/b.txt", LETTER, schema="invoice", record={**RECORD, "total": 119, "iban": "DE89"})
    return tmp_path


def test_tells_right_wrong_and_missing_apart_with_calibration_and_proof(folder: Path):
    result = printed(patchdeck("eval", "run", folder, "-o", "json"))
    totals = result["totals"]
    assert (totals["right"], totals["wrong"], totals["missing"], totals["invented"]) == (7, 1, 1, 0)
    assert (totals["local_share"], totals["verified_share"], totals["cost_usd_per_page"]) == (1.0, 1.0, 0.0)
    assert result["calibration"]["values"] == 8
    assert [one["document"] for one in result["documents"]] == ["a.txt", "deeper/b.txt"]
    assert result["documents"][1]["wrong"] == ["total", "iban"]


def test_prints_tables_for_people(folder: Path):
    done = patchdeck("eval", "run", folder, "--documents")
    assert done.returncode == 0
    for head in ("DOCUMENT", "FIELD", "ACCURACY", "SECONDS A PAGE", "CONFIDENCE", "ECE"):
        assert head in done.stdout
    assert "7 of 9 fields right (77.8%), 1 wrong, 1 missing, 0 invented, 2 documents." in done.stderr


def test_fails_below_what_is_asked_for(folder: Path):
    assert patchdeck("eval", "run", folder, "--least", "78").returncode == 1
    assert patchdeck("eval", "run", folder, "--least", "77").returncode == 0


def test_takes_a_schema_that_lies_beside_the_document_and_several_records(tmp_path: Path):
    schema = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: m}\nspec: {fields: {meter: string}}\n"
    (tmp_path / "meter.yaml").write_text(schema)
    add(tmp_path, "m.txt", "Meter: north\n", schema="meter.yaml", records=[{"meter": "North"}])
    assert printed(patchdeck("eval", "run", tmp_path, "-o", "json"))["totals"]["accuracy"] == 1.0


def test_a_document_that_cannot_be_read_misses_its_fields_and_says_why(folder: Path):
    (folder / "a.txt").rename(folder / "a.pdf")
    (folder / "a.txt.expected.json").rename(folder / "a.pdf.expected.json")
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 broken")
    done = patchdeck("eval", "run", folder, "-o", "json")
    result = printed(done)
    assert result["totals"]["failed"] == 1
    assert (result["documents"][0]["right"], result["documents"][0]["fields"]) == (0, 4)
    assert "a.pdf: " in done.stderr


def test_compares_two_results_value_by_value(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    kept = tmp_path_factory.mktemp("results")
    (kept / "before.json").write_text(patchdeck("eval", "run", folder, "-o", "json").stdout)
    (folder / "a.txt").write_text(LETTER.replace("118.00", "117.00"))
    (folder / "deeper" / "b.txt").write_text(LETTER.replace("118.00", "119.00"))
    (kept / "after.json").write_text(patchdeck("eval", "run", folder, "-o", "json").stdout)
    done = patchdeck("eval", "compare", kept / "before.json", kept / "after.json", "-o", "json")
    assert [(one["document"], one["path"], one["before"], one["after"], one["change"]) for one in printed(done)] == [
        ("a.txt", "total", 118.0, 117.0, "broken"),
        ("deeper/b.txt", "total", 118.0, 119.0, "mended"),
    ]
    assert "1 mended, 1 broken, 0 different" in done.stderr


def test_compares_two_engines_on_a_folder(folder: Path):
    done = patchdeck("eval", "compare", "local", "auto", "--folder", folder, "-o", "json")
    assert printed(done) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "a.txt.expected.json cannot be read"),
        ('{"record": {}}', "holds a schema and a record"),
        ('{"schema": "nope", "record": {}}', "nope"),
        ('{"schema": "../../etc/passwd", "record": {}}', "passwd"),
    ],
)
def test_says_what_is_wrong_with_an_expectation(folder: Path, content: str, said: str):
    (folder / "a.txt.expected.json").write_text(content)
    done = patchdeck("eval", "run", folder)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "/nowhere"], 2),
        (["run", ".", "--engine", "magic"], 2),
        (["run", ".", "--at-once", "0"], 2),
        (["run", ".", "--engine", "llm"], 1),
        (["compare", "one.json"], 2),
        (["compare", "/nowhere/one.json", "/nowhere/two.json"], 1),
        (["compare", "magic", "local", "--folder", "."], 2),
    ],
)
def test_exit_codes_tell_wrong_usage_from_failure(folder: Path, arguments: list[str], code: int):
    done = patchdeck("eval", *[str(folder) if argument == "." else argument for argument in arguments])
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_an_empty_folder_is_no_success(tmp_path: Path):
    done = patchdeck("eval", "run", tmp_path)
    assert done.returncode == 1
    assert "No document in" in done.stderr
