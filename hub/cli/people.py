"""Accounts from the command line: straight on the database where one is named, else over the API."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hub.cli.local import load_config, open_database

T = TypeVar("T")


class Local:
    """The services of people on an open database."""

    def __init__(self, public_url: str) -> None:
        from hub.accounts import Links, Operator, account_services
        from hub.audit import Audit

        audit = Audit()
        self.people = account_services(public_url, audit)
        self.operator = Operator(self.people.accounts, Links(public_url), audit)


def works_locally(data_dir: Path | None) -> bool:
    """Tell whether a database was named, by option or environment, so that no hub and no key are needed."""
    named = ("PATCHDECK_DATABASE_URL", "PATCHDECK_DATABASE_URL_FILE", "PATCHDECK_DATA_DIR")
    return data_dir is not None or any(os.environ.get(name) for name in named)


def on_database(data_dir: Path | None, work: Callable[[Local], Awaitable[T]]) -> T:
    """Run some work on the database of the config; also while `up` runs."""
    config = load_config(data_dir=data_dir)

    async def run() -> T:
        async with open_database(config):
            return await work(Local(config.url))

    return asyncio.run(run())


def password_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --password-file."""
    return click.option(
        "--password-file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        help="File that holds the password; - reads it from stdin.",
    )(function)


def read_password(password_file: str | None) -> str | None:
    """Return the password from the file or, on a terminal, from a prompt; never from the arguments."""
    if password_file is not None:
        with click.open_file(password_file, encoding="utf-8") as file:
            text: str = file.read()
        return text.rstrip("\r\n")
    if not sys.stdin.isatty():
        return None
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
