"""`patchdeck extract`: records out of documents, with nothing running."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import IO, TYPE_CHECKING

import click

from hub.cli import output
from hub.errors import HubError, Problem

if TYPE_CHECKING:
    from hub.extraction.engines import Engine, EngineName
    from hub.extraction.readers import Readers
    from hub.extraction.readers.options import Options
    from hub.extraction.results import Extraction
    from hub.extraction.schemas.fields import Schema

FORMATS = ("table", "json", "csv", "xlsx")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--schema", "schema_name", required=True, metavar="NAME|FILE", help="A schema's name, or a file with one."
)
@click.option(
    "--engine", type=click.Choice(["auto", "local", "llm"]), default="auto", show_default=True, help="Who extracts."
)
@click.option("-o", "--output", "form", type=click.Choice(FORMATS), default=None, help="How to print the records.")
@click.option("--out", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead.")
@click.option("--evidence", is_flag=True, help="Show where each value stands.")
@click.option("--password-file", type=click.File(), help="File that holds the password of locked documents.")
def command(  # noqa: PLR0913  # one argument for each option
    *,
    files: tuple[str, ...],
    schema_name: str,
    engine: EngineName,
    form: str | None,
    path: Path | None,
    evidence: bool,
    password_file: IO[str] | None,
) -> None:
    """Extract records from documents; nothing needs to run. FILE may be - for stdin."""
    form = form or _form_of(path)
    if form == "xlsx" and path is None:
        raise click.UsageError("A workbook is no text: name a file with --out.")
    schema = load_schema(schema_name)
    password = password_file.readline().rstrip("\r\n") if password_file else None
    results = list(_extract_all(files, schema, engine, password))
    from hub.cli import records

    content = records.render(form, schema, results, evidence=evidence)
    _write(content, path)
    for result in results:
        _tell(result, several=len(files) > 1)
    if any(result.status == "failed" for result in results):
        sys.exit(1)


def load_schema(name: str) -> Schema:
    """Return the schema of a file, of the hub when one is given, or the starter of this name."""
    from hub.extraction.schemas.document import parse_schema
    from hub.extraction.schemas.starter import starter

    path = Path(name)
    if path.suffix in {".yaml", ".yml", ".json"} or path.is_file():
        try:
            return parse_schema(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"The schema {name} cannot be read: {error}.") from error
    if _has_hub():
        from hub.cli.remote import Hub
        from hub.extraction.schemas.document import build_schema

        return build_schema(Hub().get(f"schemas/{name}")["document"])
    return starter(name)


def _has_hub() -> bool:
    import os

    return bool(os.environ.get("PATCHDECK_URL") and os.environ.get("PATCHDECK_API_KEY"))


def _form_of(path: Path | None) -> str:
    suffix = path.suffix.lstrip(".") if path else ""
    return suffix if suffix in FORMATS else "json" if path else "table"


def _extract_all(
    files: Sequence[str], schema: Schema, engine: EngineName, password: str | None
) -> Iterator[Extraction]:
    import asyncio

    from hub import config
    from hub.extraction.readers import Readers
    from hub.extraction.readers.options import Options
    from hub.extraction.speech.configured import speech_of
    from hub.jail import Jail

    chosen, options = engine_of(engine), Options(password=password)
    with Jail(1) as jail:
        readers = Readers(jail, speech=speech_of(config.load(), jail))
        with click.progressbar(files, file=sys.stderr, hidden=len(files) < 2 or not sys.stderr.isatty()) as shown:
            for file in shown:
                yield asyncio.run(_extract(file, readers, schema, chosen, options))


async def _extract(file: str, readers: Readers, schema: Schema, engine: Engine, options: Options) -> Extraction:
    from hub.extraction.extract import extract_reading

    start = perf_counter()
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        reading = await readers.read(content, Path(file).name, options)
    except OSError as error:
        return _failed(file, schema, f"The file cannot be read: {error.strerror}.")
    except HubError as error:
        return _failed(file, schema, error.message)
    took = round((perf_counter() - start) * 1000)
    done = await extract_reading(reading, schema, engine, file=file, read_ms=took)
    return done.extraction


def engine_of(name: EngineName) -> Engine:
    """Return the engine for a choice; a model is used when the environment names one."""
    from hub.extraction.engines import Auto, Local, engine_named

    model = None
    if name != "local":
        from hub import config
        from hub.extraction.language_models.configured import model_of

        model = model_of(config.load())
    chosen = engine_named(name, Local(), model)
    return chosen.forgiving() if isinstance(chosen, Auto) else chosen


def _failed(file: str, schema: Schema, message: str) -> Extraction:
    from hub.extraction.results import Extraction, SchemaName
    from hub.ids import new_id, show

    return Extraction(
        id=show("ext", new_id()),
        schema=SchemaName(name=schema.name),
        file=file,
        status="failed",
        problems=[Problem("", message)],
    )


def _write(content: str | bytes, path: Path | None) -> None:
    if path is None:
        click.echo(content)
        return
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from error
    output.say(f"Wrote {path}.")


def _tell(result: Extraction, *, several: bool) -> None:
    """Name problems on stderr."""
    for problem in result.problems:
        where = f"{result.file}: " if several or result.status == "failed" else ""
        output.say(f"{where}{problem.path + ': ' if problem.path else ''}{problem.message}")
