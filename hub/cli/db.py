"""`patchdeck db`: operations on the data of a hub, without a running hub or beside one."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli import output
from hub.cli.local import data_dir_option, lend_database, load_config, open_database
from hub.config import Config

if TYPE_CHECKING:
    from hub.sealing import MasterKeys


@click.group()
def group() -> None:
    """Bring the database up to date, back it up, restore it, rotate its keys."""


@group.command()
@data_dir_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database up to date; `up` does this by itself."""

    async def run() -> bool:
        async with open_database(load_config(data_dir=data_dir), migrate=True) as changed:
            return changed

    output.say("The database is brought up to date." if asyncio.run(run()) else "The database was up to date.")


@group.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@data_dir_option
@output.option
def backup(target: Path, data_dir: Path | None) -> None:
    """Write the database and the stored files into one file. The hub may be running.

    The master key is left out, so that the file alone opens no secret and no stored file.
    """
    from hub.cli.backup import write_backup

    config = load_config(data_dir=data_dir)
    target = target.absolute()
    if target.exists():
        raise click.ClickException(f"{target} exists already.")
    with lend_database(config) as lent:
        made = write_backup(config, lent.url, asyncio.run(_master_keys_in_use(lent.url)), target)
    output.show({"file": str(target), "bytes": target.stat().st_size, "files": made.files})
    where = "PATCHDECK_MASTER_KEY" if config.master_key else str(config.data_dir / "master.key")
    output.say(f"Keep the master key ({where}) elsewhere: it is not in the backup, which cannot be used without it.")
    if not made.files:
        output.say("The files are in an object store of their own and are not in the backup either.")


@group.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir_option
def restore(source: Path, data_dir: Path | None) -> None:
    """Put a backup into an empty data directory (or an empty database that PATCHDECK_DATABASE_URL names)."""
    from hub.cli.backup import read_manifest, refuse_stored_files, restore_database, restore_files

    config = load_config(data_dir=data_dir)
    made = read_manifest(source)
    _refuse_running_hub(config)
    refuse_stored_files(config)
    with lend_database(config) as lent:
        if asyncio.run(_has_tables(lent.url)):
            raise click.ClickException("There is a database already. Restore into an empty data directory.")
        restore_database(lent.url, source)
        count = restore_files(config, source)
    output.say(f"Restored the database and {count} files of {made.made_at}.")
    _tell_about_master_key(config, made.master_keys)


@group.command("rotate-keys")
@click.option("--master", is_flag=True, help="Replace the master key as well; keep the new master.key safe.")
@data_dir_option
@output.option
def rotate_keys(master: bool, data_dir: Path | None) -> None:
    """Give every workspace a new key and seal its secrets anew. The hub may be running."""
    from hub.sealing import Rotated, Vault, rotate

    config = load_config(data_dir=data_dir)

    async def run() -> Rotated:
        async with open_database(config):
            return await rotate(Vault(_master_keys(config)), master_key=master)

    output.show(asyncio.run(run()))


@group.command("rebuild-engine")
@data_dir_option
def rebuild_engine(data_dir: Path | None) -> None:
    """Throw Temporal's file away; at the next start what waits in the database is dispatched again."""
    from hub.supervisor.stores import engine_folder

    config = load_config(data_dir=data_dir)
    if config.temporal_address is not None:
        raise click.UsageError(
            "PATCHDECK_TEMPORAL_ADDRESS names a server of your own. Empty it yourself; the sweep fills it again."
        )
    _refuse_running_hub(config)
    folder = engine_folder(config)
    if folder.exists():
        shutil.rmtree(folder)
    output.say("Temporal starts anew with the next `patchdeck up`.")


def _refuse_running_hub(config: Config) -> None:
    from hub.supervisor.lock import owner
    from hub.supervisor.up import LOCK_NAME

    pid = owner(config.data_dir / LOCK_NAME)
    if pid is not None:
        raise click.ClickException(f"The hub is running as process {pid}. Stop it first.")


def _tell_about_master_key(config: Config, needed: list[str]) -> None:
    """Say whether the master key that is here opens what was restored."""
    present = config.master_key is not None or (config.data_dir / "master.key").exists()
    if needed and not (present and _master_keys(config).current in needed):
        output.say(f"Put the master key of that hub at {config.data_dir / 'master.key'} before you start.")


def _master_keys(config: Config) -> "MasterKeys":
    from hub.sealing import MasterKeys

    if config.master_key is not None:
        return MasterKeys.from_text(config.master_key)
    return MasterKeys.from_file(config.data_dir / "master.key")


async def _master_keys_in_use(url: str) -> list[str]:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("select distinct master_key_id from workspace_keys order by 1")
    finally:
        await connection.close()
    return [row["master_key_id"] for row in rows]


async def _has_tables(url: str) -> bool:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("select to_regclass('workspaces') is not null"))
    finally:
        await connection.close()
