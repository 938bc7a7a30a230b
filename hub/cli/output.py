"""What a command answers: a table for people, JSON or YAML for programs; only this goes to stdout."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
import msgspec

F = TypeVar("F", bound=Callable[..., Any])

_META = "patchdeck.output"
_WIDEST_CELL = 80


def option(function: F) -> F:
    """Give a command the option -o, which `show` obeys."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(["table", "json", "yaml"]),
        default="table",
        show_default=True,
        expose_value=False,
        callback=_remember,
        help="How to print the result.",
    )(function)


def show(value: Any, columns: Sequence[str] = ()) -> None:
    """Print structs, mappings or plain values: a list as rows, one thing as its fields.

    `columns` chooses and orders what a table shows; JSON and YAML always carry everything.
    """
    plain = msgspec.to_builtins(value, str_keys=True)
    match chosen():
        case "json":
            click.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2))
        case "yaml":
            import yaml

            click.echo(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip("\n"))
        case _:
            _show_table(plain, columns)


def document(yaml_text: str, form: str) -> str:
    """Return an exported document as it is, or as JSON."""
    if form == "yaml":
        return yaml_text.rstrip("\n")
    import yaml

    return msgspec.json.format(msgspec.json.encode(yaml.safe_load(yaml_text)), indent=2).decode()


def document_option(function: F) -> F:
    """Give a command that exports a document the option -o."""
    choice = click.Choice(["yaml", "json"])
    return click.option(
        "-o", "--output", "form", type=choice, default="yaml", show_default=True, help="How to write it."
    )(function)


def done(name: str, state: str) -> None:
    """Tell that something is gone or stopped; programs get it as an object."""
    if chosen() == "table":
        say(f"{name} is {state}.")
    else:
        show({"name": name, "state": state})


def say(message: str) -> None:
    """Tell the person at the terminal something that is not the result."""
    click.echo(message, err=True)


def chosen() -> str:
    """Return the format that was asked for."""
    context = click.get_current_context(silent=True)
    while context is not None:
        if _META in context.meta:
            return str(context.meta[_META])
        context = context.parent
    return "table"


def _remember(context: click.Context, _: click.Parameter, value: str) -> None:
    context.meta[_META] = value


def _show_table(plain: Any, columns: Sequence[str]) -> None:
    if isinstance(plain, list):
        _show_rows([row if isinstance(row, Mapping) else {"value": row} for row in plain], columns)
    elif isinstance(plain, Mapping):
        shown = {name: plain.get(name) for name in columns} if columns else plain
        width = max((len(name) for name in shown), default=0)
        for name, value in shown.items():
            click.echo(f"{name:<{width}}  {_text(value)}")
    else:
        click.echo(_text(plain))


def _show_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        say("None.")
        return
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_clipped(_text(row.get(name))) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    for line in [[name.upper().replace("_", " ") for name in names], *cells]:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST_CELL else f"{line[: _WIDEST_CELL - 1]}…"
