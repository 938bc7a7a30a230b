"""`patchdeck eval`: how much of what documents say is extracted right."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hub.cli import output
from hub.cli.extract import load_schema
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.extraction.evaluation.report import DocumentRow, Report, Totals

ENGINES = ("auto", "local", "llm")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_AT_ONCE = click.option(
    "--at-once", type=click.IntRange(1, 64), default=None, help="Documents at a time; the number of cores by default."
)


@click.group()
def group() -> None:
    """Quality of extraction on documents with known values."""


@group.command()
@click.argument("folder", type=_FOLDER)
@click.option("--engine", type=click.Choice(ENGINES), default="local", show_default=True, help="Who extracts.")
@click.option("--model", default="", help="Which model answers, instead of the configured one.")
@click.option("--least", type=click.FloatRange(0, 100), default=0.0, help="Fail when fewer percent are right.")
@click.option("--documents", is_flag=True, help="Show a row for each document too.")
@_AT_ONCE
@output.option
def run(folder: Path, engine: str, model: str, least: float, documents: bool, at_once: int | None) -> None:
    """Extract every document of a folder that has a NAME.expected.json beside it, and compare field by field.

    Numbers are compared to the cent, texts apart from white space and case, ids apart from blanks and signs, the rows
    of tables by their best assignment. Use -o json to keep the result for `eval compare`.
    """
    found = evaluate(folder, f"{engine}:{model}", at_once)
    if output.chosen() == "table":
        _tables(found, documents=documents)
    else:
        output.show(found)
    for document in found.documents:
        if document.problem:
            output.say(f"{document.document}: {document.problem}")
    total = found.totals
    output.say(
        f"{total.right} of {total.fields} fields right ({total.accuracy:.1%}), {total.wrong} wrong, "
        f"{total.missing} missing, {total.invented} invented, {total.documents} documents."
    )
    if 100 * total.accuracy < least:
        sys.exit(1)


@group.command()
@click.argument("before")
@click.argument("after")
@click.option("--folder", type=_FOLDER, help="Evaluate this folder with BEFORE and AFTER, which are engines then.")
@_AT_ONCE
@output.option
def compare(before: str, after: str, folder: Path | None, at_once: int | None) -> None:
    """Show the values that differ between two results: two files of `eval run -o json`, or two engines on a folder.

    An engine is local, auto or llm; llm:MODEL names the model.
    """
    from hub.extraction.evaluation.changes import changes

    first, second = (evaluate(folder, one, at_once) if folder else _stored(Path(one)) for one in (before, after))
    found = changes(first.documents, second.documents)
    output.show(found, ("document", "path", "expected", "before", "after", "change"))
    counts = {kind: sum(one.change == kind for one in found) for kind in ("mended", "broken", "different")}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    output.say(f"{told}; {first.totals.accuracy:.1%} right before, {second.totals.accuracy:.1%} after.")


def evaluate(folder: Path, engine: str, at_once: int | None = None) -> Report:
    """Extract and compare every document of a folder."""
    from hub.extraction.evaluation.report import report
    from hub.extraction.evaluation.run import SUFFIX, cases

    try:
        found = cases(folder, load_schema)
    except HubError as error:
        raise click.ClickException(error.message) from error
    if not found:
        raise click.ClickException(f"No document in {folder} has a NAME{SUFFIX} beside it.")
    return report(_rows(found, engine, at_once or os.cpu_count() or 2))


def _rows(found: list[Any], engine: str, at_once: int) -> list[DocumentRow]:
    from hub.extraction.confined import Confined
    from hub.extraction.engines import engine_named
    from hub.extraction.evaluation.run import Evaluation
    from hub.extraction.readers import Readers
    from hub.jail import Jail

    name, model = _engine(engine)
    with (
        Jail(at_once) as jail,
        click.progressbar(length=len(found), file=sys.stderr, hidden=not sys.stderr.isatty()) as shown,
    ):
        local = Confined(jail)
        evaluation = Evaluation(Readers(jail), engine_named(name, local, model), local, at_once=at_once)
        return asyncio.run(evaluation.run(found, lambda: shown.update(1)))


def _engine(named: str) -> tuple[Any, Any]:
    """Return an engine's name and its model; `llm:MODEL` names one, the config the others."""
    name, _, model = named.partition(":")
    if name not in ENGINES:
        raise click.UsageError(f"{name} is no engine; take one of {', '.join(ENGINES)}.")
    if name == "local":
        return name, None
    from hub import config
    from hub.extraction.language_models.configured import model_of

    settings = config.load()
    return name, model_of(msgspec.structs.replace(settings, llm_model=model) if model else settings)


def _stored(path: Path) -> Report:
    from hub.extraction.evaluation.report import Report

    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise click.ClickException(f"{path} is no result of `eval run -o json`: {error}.") from error


def _tables(found: Report, *, documents: bool) -> None:
    if documents:
        output.show(found.documents, ("document", "schema", "right", "fields", "invented", "read_ms", "ms", "wrong"))
        click.echo()
    output.show(found.fields, ("schema", "field", "accuracy", "right", "wrong", "missing", "invented"))
    click.echo()
    parts = (("all", found.totals), ("text", found.text), ("scans", found.scans))
    output.show([_shown(name, totals) for name, totals in parts if totals])
    click.echo()
    calibration = found.calibration
    output.show(list(calibration.bins), ("least", "most", "values", "confidence", "right"))
    click.echo(
        f"\nECE {calibration.ece:.3f}, Brier {calibration.brier:.3f}; errors in 1,000 values: "
        f"{calibration.expected_errors:g} expected, {calibration.seen_errors:g} seen"
    )


def _shown(name: str, totals: Totals) -> dict[str, Any]:
    return {
        "of": name,
        "documents": totals.documents,
        "pages": totals.pages,
        "accuracy": totals.accuracy,
        "by_document": totals.mean_accuracy,
        "invented": totals.invented_share,
        "without_model": totals.local_share,
        "verified": totals.verified_share,
        "seconds_a_page": totals.seconds_per_page,
        "cost_a_page": totals.cost_usd_per_page,
    }
