"""`patchdeck extract`, `schema` and `eval` in a process of their own, with nothing running."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from hub.extraction.schemas.document import parse_schema
from hub.extraction.schemas.starter import starter
from tests.extraction.conftest import HELD_OUT, SAMPLES
from tests.reading.pdfs import invoice, pdf

INVOICE = SAMPLES / "invoice-timber-en.pdf"
RECEIPT = SAMPLES / "receipt-hardware-us.txt"


def patchdeck(*arguments: str | Path, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "hub", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        cwd=cwd or Path(__file__).parents[2],
    )


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_prints_one_document_as_an_object_with_evidence():
    result = printed(patchdeck("extract", INVOICE, "--schema", "invoice", "-o", "json"))
    assert result["record"]["total"] == 1011.6
    assert result["records"] == [result["record"]]
    total = result["fields"]["total"]
    (evidence,) = total["evidence"]
    assert (evidence["page"], evidence["text"]) == (1, "1,011.60")
    assert len(evidence["box"]) == 4
    assert (result["usage"]["model"], result["usage"]["input_tokens"], result["usage"]["cost_usd"]) == (None, 0, 0.0)


def test_prints_several_documents_as_an_array_and_fails_when_one_cannot_be_read(tmp_path: Path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    done = patchdeck("extract", RECEIPT, broken, "--schema", "receipt", "-o", "json")
    results = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["status"] for one in results] == ["done", "failed"]
    assert "broken.pdf" in done.stderr


def test_prints_a_table_with_places():
    done = patchdeck("extract", INVOICE, "--schema", "invoice", "--evidence")
    line = next(line for line in done.stdout.splitlines() if line.startswith("number"))
    assert "HT-20417" in line
    assert "page 1 at" in line


def test_prints_csv_with_a_row_a_document():
    done = patchdeck("extract", RECEIPT, "--schema", "receipt", "-o", "csv")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["total"], row["merchant.name"]) == ("155.47", "PINE & NAIL HARDWARE")
    assert json.loads(row["lines"])[0]["quantity"] == 2


def test_writes_a_workbook_with_a_sheet_of_lines(tmp_path: Path):
    path = tmp_path / "out.xlsx"
    assert patchdeck("extract", INVOICE, "--schema", "invoice", "--out", path).returncode == 0
    book = load_workbook(path)
    assert book.sheetnames == ["records", "lines"]
    assert [cell.value for cell in book["lines"][2]][1:5] == [1, "Oak board 2400 x 200 mm", 12, "pcs"]


def test_formulas_of_a_document_are_written_inert(tmp_path: Path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Subject: =HYPERLINK(1)\n")
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: s}\nspec: {fields: {subject: string, day: date}}\n"
    )
    done = patchdeck("extract", letter, "--schema", schema, "-o", "csv")
    assert "=HYPERLINK" not in {cell for row in csv.reader(io.StringIO(done.stdout)) for cell in row}


def test_reads_stdin():
    result = printed(patchdeck("extract", "-", "--schema", "invoice", "-o", "json", stdin="Invoice number: 17-A\n"))
    assert result["record"]["number"] == "17-A"


def test_takes_a_json_schema_for_a_schema(tmp_path: Path):
    path = tmp_path / "meter.json"
    path.write_text(json.dumps({"type": "object", "title": "Meter", "properties": {"meter": {"type": "string"}}}))
    result = printed(patchdeck("extract", "-", "--schema", path, "-o", "json", stdin="Meter: north wing\n"))
    assert result["record"] == {"meter": "north wing"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["extract", INVOICE], 2),
        (["extract", INVOICE, "--schema", "nope"], 1),
        (["extract", "missing.pdf", "--schema", "invoice"], 1),
        (["extract", INVOICE, "--schema", "invoice", "--engine", "magic"], 2),
        (["extract", INVOICE, "--schema", "invoice", "-o", "xlsx"], 2),
        (["extract", INVOICE, "--schema", "invoice", "--engine", "llm"], 1),
        (["schema", "show", "nope"], 1),
    ],
)
def test_exit_codes_tell_wrong_usage_from_failure(arguments: list[str | Path], code: int):
    done = patchdeck(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_lists_and_exports_starters():
    listed = printed(patchdeck("schema", "list", "-o", "json"))
    assert [one["name"] for one in listed] == ["article", "contract", "cv", "invoice", "purchase_order", "receipt"]
    assert parse_schema(patchdeck("schema", "export", "cv").stdout) == starter("cv")
    assert json.loads(patchdeck("schema", "export", "cv", "--json-schema").stdout)["properties"]["name"]


def test_shows_what_differs_between_two_schemas(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(patchdeck("schema", "export", "article").stdout.replace("type: date", "type: datetime"))
    differences = printed(patchdeck("schema", "diff", "article", path, "-o", "json"))
    assert [one["path"] for one in differences] == ["spec.fields.published.type"]


def test_evaluates_a_folder():
    done = patchdeck("eval", "run", HELD_OUT, "-o", "json", "--least", "95")
    result = printed(done)
    assert len(result["documents"]) == 63
    assert result["totals"]["invented"] == 0
    assert "fields right" in done.stderr


def test_a_locked_document_is_opened_by_the_password_in_a_file(tmp_path: Path):
    locked, password = tmp_path / "locked.pdf", tmp_path / "password.txt"
    locked.write_bytes(pdf(invoice, password="open sesame"))
    password.write_text("open sesame\n")
    closed = patchdeck("extract", locked, "--schema", "invoice", "-o", "json")
    opened = printed(patchdeck("extract", locked, "--schema", "invoice", "-o", "json", "--password-file", password))
    assert (closed.returncode, "Give its password" in closed.stderr) == (1, True)
    assert "INV-17" in json.dumps(opened)
