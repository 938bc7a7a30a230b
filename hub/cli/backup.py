"""Backups: one file with a dump of the database and the stored files, never with the master key."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import click
import msgspec

from hub.config import Config
from hub.supervisor.binaries import postgres_programs

_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_FILES = "files"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says about itself."""

    format: int = 1
    made_at: str
    patchdeck: str
    files: bool
    master_keys: list[str]


def write_backup(config: Config, url: str, master_keys: list[str], target: Path) -> Manifest:
    """Write a backup; the file gets its name only when it is whole. The hub may go on working meanwhile."""
    folder = _directory_store(config)
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        patchdeck=version("patchdeck"),
        files=folder is not None,
        master_keys=master_keys,
    )
    partial = target.with_name(f"{target.name}.part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as place:
        dump, words = Path(place) / _DUMP, Path(place) / _MANIFEST
        _run("pg_dump", url, ["--format=custom", f"--file={dump}"])
        words.write_bytes(msgspec.json.encode(manifest))
        with open(partial, "wb", opener=_private) as file, tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(words, _MANIFEST)
            archive.add(dump, _DUMP)
            if folder is not None and folder.exists():
                archive.add(folder, _FILES)
    partial.rename(target)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Return what a backup says about itself; anything else is refused."""
    try:
        with tarfile.open(source) as archive:
            member = archive.extractfile(_MANIFEST)
            if member is None:
                raise KeyError(_MANIFEST)
            return msgspec.json.decode(member.read(), type=Manifest)
    except (tarfile.TarError, KeyError, msgspec.MsgspecError, json.JSONDecodeError) as error:
        raise click.ClickException(f"{source} is not a backup that `patchdeck db backup` made.") from error


def refuse_stored_files(config: Config) -> None:
    """Refuse to mix the files of two hubs."""
    folder = _directory_store(config)
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Restore into an empty data directory.")


def restore_files(config: Config, source: Path) -> int:
    """Put the stored files of a backup back; returns how many. Names that lead elsewhere are refused."""
    folder = _directory_store(config)
    if folder is None:
        return 0
    with tarfile.open(source) as archive, tempfile.TemporaryDirectory(dir=_existing(folder.parent)) as place:
        members = [member for member in archive if member.name == _FILES or member.name.startswith(f"{_FILES}/")]
        archive.extractall(place, members, filter="data")
        if members:
            shutil.copytree(Path(place) / _FILES, folder, dirs_exist_ok=True)
    return sum(member.isfile() for member in members)


def restore_database(url: str, source: Path) -> None:
    """Put the dump back in one transaction: all of it or nothing."""
    with tarfile.open(source) as archive, tempfile.TemporaryDirectory() as place:
        archive.extract(_DUMP, place, filter="data")
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        _run("pg_restore", url, [*options, f"--dbname={_address(url)['PGDATABASE']}", str(Path(place) / _DUMP)])


def _run(program: str, url: str, arguments: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by environment, where process lists do not show it."""
    path = _program(program)
    outcome = subprocess.run(
        [path, *arguments], env={**os.environ, **_address(url)}, check=False, capture_output=True, text=True
    )
    if outcome.returncode:
        raise click.ClickException(f"{program} failed: {outcome.stderr.strip()[-800:]}")


def _program(name: str) -> Path:
    beside = postgres_programs(None) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise click.ClickException(f"{name} is not installed. On Debian and Ubuntu: apt-get install postgresql-client")
    return Path(found)


def _address(url: str) -> Mapping[str, str]:
    """Split a URL into the variables that libpq reads."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    found = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": query.get("port") or (str(parts.port) if parts.port else None),
        "PGUSER": query.get("user") or unquote(parts.username or ""),
        "PGPASSWORD": query.get("password") or unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")) or "postgres",
        "PGSSLMODE": query.get("sslmode"),
    }
    return {name: value for name, value in found.items() if value}


def _directory_store(config: Config) -> Path | None:
    return None if "://" in config.files else Path(config.files)


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
