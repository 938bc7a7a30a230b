"""`patchdeck eval`: how much of what documents say is extracted right."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hub.cli import output
from hub.cli.extract import engine_of, load_schema

if TYPE_CHECKING:
    from hub.extraction.engines import Engine, EngineName
    from hub.extraction.readers import Readers

SUFFIX = ".expected.json"


class Expected(msgspec.Struct, frozen=True):
    """What a document's file `NAME.expected.json` holds."""

    schema: str
    record: dict[str, Any]


class Row(msgspec.Struct, frozen=True):
    """How one document went."""

    document: str
    schema: str
    right: int
    fields: int
    invented: int
    wrong: list[str]
    ms: int


@click.group()
def group() -> None:
    """Quality of extraction on documents with known values."""


@group.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(["auto", "local", "llm"]), default="local", show_default=True)
@click.option("--least", type=click.FloatRange(0, 100), default=0.0, help="Fail when fewer percent are right.")
@output.option
def run(folder: Path, engine: EngineName, least: float) -> None:
    """Extract every document of a folder that has a NAME.expected.json beside it, and compare field by field."""
    rows = evaluate(folder, engine_of(engine))
    if not rows:
        raise click.ClickException(f"No document in {folder} has a NAME{SUFFIX} beside it.")
    output.show(rows, ("document", "schema", "right", "fields", "invented", "ms", "wrong"))
    right, fields = sum(row.right for row in rows), sum(row.fields for row in rows)
    invented = sum(row.invented for row in rows)
    output.say(f"{right} of {fields} fields right ({right / fields:.1%}), {invented} invented, {len(rows)} documents.")
    if 100 * right < least * fields:
        sys.exit(1)


@group.command()
@click.argument("before", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output.option
def compare(before: Path, after: Path) -> None:
    """Compare two results of `eval run -o json`: which fields became right or wrong."""
    first = {row.document: row for row in msgspec.json.decode(before.read_bytes(), type=list[Row])}
    second = {row.document: row for row in msgspec.json.decode(after.read_bytes(), type=list[Row])}
    changes = [
        {"document": name, "mended": sorted({*first[name].wrong} - {*second[name].wrong}),
         "broken": sorted({*second[name].wrong} - {*first[name].wrong})}
        for name in first.keys() & second.keys()
        if first[name].wrong != second[name].wrong
    ]  # fmt: skip
    output.show(sorted(changes, key=lambda change: str(change["document"])))


def evaluate(folder: Path, engine: Engine) -> list[Row]:
    """Extract and compare every document of a folder."""
    from hub.extraction.readers import Readers
    from hub.jail import Jail

    documents = sorted(path for path in folder.iterdir() if Path(f"{path}{SUFFIX}").is_file())
    with Jail(1) as jail:
        return [asyncio.run(_evaluate(path, Readers(jail), engine)) for path in documents]


async def _evaluate(path: Path, readers: Readers, engine: Engine) -> Row:
    from hub.extraction.evaluation.compare import compare as compare_records
    from hub.extraction.extract import extract_reading

    expected = msgspec.json.decode(Path(f"{path}{SUFFIX}").read_bytes(), type=Expected)
    reading = await readers.read(path.read_bytes(), path.name)
    done = await extract_reading(reading, load_schema(expected.schema), engine, file=path.name)
    score = compare_records(expected.record, done.extraction.record)
    return Row(
        document=path.name,
        schema=expected.schema,
        right=score.right,
        fields=score.fields,
        invented=score.invented,
        wrong=[one.path for one in score.wrong],
        ms=done.extraction.timing_ms.extract,
    )
