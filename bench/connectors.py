"""The figures of single connectors: tests measure them against real servers and checked peers, this prints them."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec

from bench.figures import Row


class Measured(msgspec.Struct):
    """A test that records a property `measured`, and the row it makes."""

    test: str
    name: str
    unit: str
    limit: float


FIGURES = [
    Measured(
        "email/test_receive.py::test_reads_a_thousand_mails_with_attachments_quickly",
        "1,000 mails with attachments read into items (Dovecot)",
        "s",
        60,
    ),
    Measured(
        "email/test_conversations.py::test_notices_new_mail_at_once",
        "from a mail's arrival in an idle mailbox to its notice, IDLE (Dovecot)",
        "s",
        2,
    ),
    Measured(
        "google_drive/test_drive.py::test_lists_10000_files_without_growing",
        "memory grown while 10,000 files of Google Drive are listed",
        "MB",
        4,
    ),
    Measured(
        "s3/test_s3.py::test_lists_ten_thousand_objects_without_growing",
        "memory of listing 10,000 objects of S3, against 2,000",
        "times",
        1.5,
    ),
    Measured(
        "google_sheets/test_sheets.py::test_writes_10000_rows_in_at_most_20_requests[append]",
        "requests for 10,000 rows appended to Google Sheets",
        "",
        20,
    ),
    Measured(
        "google_sheets/test_sheets.py::test_writes_10000_rows_in_at_most_20_requests[upsert]",
        "requests for 10,000 rows upserted in Google Sheets",
        "",
        20,
    ),
    Measured(
        "mongodb/test_documents.py::test_upserts_ten_thousand_documents_quickly",
        "10,000 upserts into MongoDB (SecantusDB)",
        "s",
        10,
    ),
    Measured("mysql/test_rows.py::test_upserts_ten_thousand_rows_quickly", "10,000 upserts into MariaDB", "s", 10),
    Measured(
        "postgres/test_write.py::test_writes_ten_thousand_rows_of_a_hundred_records_in_moments",
        "10,000 rows into PostgreSQL",
        "s",
        2,
    ),
]


def measure(folder: Path) -> list[Row]:
    """Run the tests and return what they measured; one that measured nothing has missed its figure."""
    report = folder / "connectors.xml"
    tests = [f"tests/connectors/{figure.test}" for figure in FIGURES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _measured(report) if report.exists() else {}
    if len(found) < len(FIGURES):
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
    return [
        Row(figure.name, figure.unit, found.get(figure.test.rpartition("::")[2], float("inf")), figure.limit)
        for figure in FIGURES
    ]


def _measured(report: Path) -> dict[str, float]:
    """Return what each test of a report recorded, by its name."""
    return {
        str(case.get("name")): float(str(recorded.get("value")))
        for case in ElementTree.parse(report).iter("testcase")
        for recorded in case.iter("property")
        if recorded.get("name") == "measured"
    }
