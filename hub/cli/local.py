"""What local commands share: the config with their options in it, and the database of a data directory."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from hub import config as hub_config
from hub.config import Config
from hub.errors import InvalidError

F = TypeVar("F", bound=Callable[..., Any])


def data_dir_option(function: F) -> F:
    """Give a command the option --data-dir."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where the hub keeps its data (PATCHDECK_DATA_DIR).",
    )(function)


def load_config(**options: Any) -> Config:
    """Return the config with the options that were given on the command line; what is wrong is wrong usage."""
    try:
        config = hub_config.load()
    except InvalidError as error:
        raise click.UsageError(error.message) from error
    given = {name: value for name, value in options.items() if value is not None}
    if "data_dir" in given:
        given["data_dir"] = given["data_dir"].expanduser().absolute()
    return msgspec.structs.replace(config, **given)


class LentDatabase(msgspec.Struct, frozen=True):
    """A database to work on; `ours` when it was started for the moment, so that nobody else brings it up to date."""

    url: str
    ours: bool = False


@contextmanager
def lend_database(config: Config) -> Iterator[LentDatabase]:
    """Lend the config's database: the given one, that of a running `up`, or one started for the moment."""
    if config.database_url is not None:
        yield LentDatabase(config.database_url)
        return
    from hub.supervisor.lock import owner
    from hub.supervisor.postgres import EmbeddedPostgres
    from hub.supervisor.stores import postgres_folder

    server = EmbeddedPostgres(postgres_folder(config))
    try:
        if owner(server.lock_path) is not None:
            yield LentDatabase(server.await_owner().url)
        else:
            config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            yield LentDatabase(server.start().url, ours=True)
    finally:
        server.stop()


@asynccontextmanager
async def open_database(config: Config, *, migrate: bool = False) -> AsyncIterator[bool]:
    """Open the pool on the config's database, for commands that work without a hub.

    An empty database, or one that nobody else serves, is brought up to date first; so is any with `migrate`.
    Yields whether there was anything to bring up to date.
    """
    from hub import database

    with lend_database(config) as lent:
        await database.connect(lent.url, min_size=1, max_size=4)
        try:
            empty = await database.fetch_one("select to_regclass('workspaces') is null as empty")
            outdated = migrate or lent.ours or (empty is not None and empty["empty"])
            yield await database.migrate() if outdated else False
        finally:
            await database.close()
