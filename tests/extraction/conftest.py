"""Documents and engines for tests of extraction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.config import Config
from hub.documents import Documents
from hub.extraction import Extractions, Schemas
from hub.extraction.assembly import ExtractionServices, extraction_services
from hub.extraction.engines import Local
from hub.extraction.extract import extract_reading
from hub.extraction.extractor import Extractor
from hub.extraction.learning.corrections import Corrections
from hub.extraction.readers import Readers
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.results import Extraction
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.starter import starter
from hub.files import Files, Upload, open_store
from hub.jail import Jail
from hub.outbox import Outbox
from hub.privacy import Privacy
from hub.providers import Providers
from hub.sealing import MasterKeys, Vault
from hub.usage import Usage
from tests.conftest import Members
from tests.extraction.odd_layouts import draw_odd

SAMPLES = Path(__file__).parents[2] / "hub" / "demo" / "samples"
HELD_OUT = Path(__file__).parent / "heldout"


# An order whose sum stands in two places.
ORDER = """Order A-100 of 2026-02-03
Description   Qty   Price   Amount
Brackets   2   5.00   10.00
Screws   4   1.00   4.00
Net 14.00
Tax 2.80
Total: 16.80 EUR
We thank you for 16.80 and hope to see you soon
"""


@pytest.fixture(scope="session")
def readers(jail: Jail) -> Readers:
    return Readers(jail)


@pytest.fixture
def files(database: str, tmp_path: Path) -> Files:
    vault = Vault(MasterKeys.from_file(tmp_path / "master.key"))
    return Files(open_store(str(tmp_path / "files")), vault, Usage(), Audit())


@pytest.fixture
def services(database: str, files: Files, jail: Jail, tmp_path: Path) -> Iterator[ExtractionServices]:
    vault = Vault(MasterKeys.from_file(tmp_path / "master.key"))
    audit, usage = Audit(), Usage()
    made = extraction_services(
        config=Config(),
        files=files,
        documents=Documents(Audit()),
        vault=vault,
        usage=usage,
        audit=audit,
        outbox=Outbox(),
        providers=Providers(vault=vault, audit=audit, usage=usage, guard=Guard(["127.0.0.0/8"]), config=Config()),
        screens=Privacy(audit),
        jail=jail,
    )
    yield made
    made.viewing.close()
    made.providers.close()


@pytest.fixture
def schemas(services: ExtractionServices) -> Schemas:
    return services.schemas


@pytest.fixture
def extractions(services: ExtractionServices) -> Extractions:
    return services.extractions


@pytest.fixture
def extractor(services: ExtractionServices) -> Extractor:
    return services.extractor


@pytest.fixture
def corrections(services: ExtractionServices) -> Corrections:
    return services.corrections


@pytest.fixture
async def order(extractions: Extractions, members: Members) -> Extraction:
    return await extractions.extract_text(members.editor, ORDER, "invoice")


async def drawn(extractions: Extractions, members: Members, layout: str, seed: int) -> tuple[Extraction, Any]:
    """Extract a drawn invoice; returns what it says as well."""
    content, truth = draw_odd(layout, seed)
    upload = Upload(name=f"{layout}-{seed}.pdf", media_type="application/pdf", content=content)
    return await extractions.extract_upload(members.editor, upload, "invoice"), truth


async def extract(text: str | bytes, schema: Schema | str = "invoice", name: str = "text.txt") -> Extraction:
    """Extract without a jail, for documents the test wrote itself."""
    content = text.encode() if isinstance(text, str) else text
    reading = read(Source(content, name))
    done = await extract_reading(reading, starter(schema) if isinstance(schema, str) else schema, Local(), file=name)
    return done.extraction


def schema_of(**fields: object) -> Schema:
    """A schema of these fields, each a type or a mapping."""
    metadata = {"name": "test"}
    return build_schema(
        {"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": metadata, "spec": {"fields": fields}}
    )
