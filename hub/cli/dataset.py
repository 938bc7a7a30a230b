"""Datasets: tables inside the hub, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import click

from hub.cli import output
from hub.cli.remote import Hub

LIST_COLUMNS = ("name", "title", "key", "rows", "changed_at")
FORMATS = ("csv", "json", "jsonl", "xlsx")

Name = click.argument("name")


@click.group(help="Tables inside the hub.")
def group() -> None:
    """Hold the verbs."""


@group.command("list")
@output.option
def list_datasets() -> None:
    """List the datasets."""
    output.show(Hub().list("datasets"), LIST_COLUMNS)


@group.command("show")
@Name
@click.option("--limit", type=click.IntRange(0, 500), default=20, show_default=True, help="How many rows to show.")
@click.option("--search", default=None, help="Part of any value, or column:value.")
@output.option
def show_dataset(name: str, limit: int, search: str | None) -> None:
    """Show a dataset and its newest rows."""
    hub = Hub()
    dataset = hub.get(f"datasets/{quote(name, safe='')}")
    page = hub.get(f"datasets/{quote(name, safe='')}/records", limit=max(limit, 1), q=search)
    rows = [record["values"] for record in page["items"][:limit]]
    if output.chosen() == "table":
        count = "1 row" if dataset["rows"] == 1 else f"{dataset['rows']} rows"
        output.say(f"{dataset['name']}: {count}, known by {', '.join(dataset['key']) or 'no column'}")
        output.show(rows, [column["name"] for column in dataset["columns"]])
    else:
        output.show({**dataset, "records": rows})


@group.command("import")
@Name
@click.argument("file", type=click.File("rb"))
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Left out: by the file's name.")
@click.option(
    "--mode", type=click.Choice(["insert", "upsert", "update"]), help="Left out: upsert where there is a key."
)
@click.option("--sheet", help="Which sheet of a workbook; left out: the first.")
@output.option
def import_rows(name: str, file: BinaryIO, kind: str | None, mode: str | None, sheet: str | None) -> None:
    """Write the rows of a CSV, JSON or XLSX file into a dataset, which is made when it is missing; - for stdin."""
    chosen = kind or _format_of(str(file.name))
    path = f"datasets/{quote(name, safe='')}/import"
    headers = {"content-type": "application/octet-stream"}
    done = Hub().post(path, file.read(), headers=headers, format=chosen, mode=mode, sheet=sheet)
    output.show(done)
    if done["problems"]:
        raise SystemExit(1)


@group.command("export")
@Name
@click.option("-o", "--format", "kind", type=click.Choice(FORMATS), help="Left out: by the name of --out, else CSV.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def export_rows(name: str, kind: str | None, out: Path | None) -> None:
    """Write all rows of a dataset as CSV, JSON, JSON Lines or XLSX."""
    chosen = kind or (_format_of(out.name) if out else "csv")
    content = Hub().download(f"datasets/{quote(name, safe='')}/export", format=chosen)
    if out is None:
        click.echo(content, nl=False)
    else:
        out.write_bytes(content)


def _format_of(name: str) -> str:
    ending = Path(name).suffix.lower().removeprefix(".")
    return "jsonl" if ending == "ndjson" else ending if ending in FORMATS else "csv"
