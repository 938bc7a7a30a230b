"""The examinations of `patchdeck doctor`: each looks at one part and finds it well, off or broken."""

import asyncio
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from hub.config import Config
from hub.supervisor.account import account_for
from hub.supervisor.binaries import postgres_programs
from hub.supervisor.errors import StartError
from hub.supervisor.lock import owner
from hub.supervisor.ports import Ports
from hub.supervisor.postgres import MAJOR, EmbeddedPostgres
from hub.supervisor.stores import ports_file, postgres_folder
from hub.supervisor.up import LOCK_NAME

_ROOM = 1024**3
_PATIENCE = 15


class Finding(msgspec.Struct, frozen=True):
    """One part: `ok`, `off` (not running or not configured, which is no fault) or `broken`, and how to mend it."""

    part: str
    state: Literal["ok", "off", "broken"]
    detail: str
    mend: str = ""


def checkup(config: Config) -> list[Finding]:
    """Examine every part; none hides the next."""
    examinations: list[Callable[[Config], Finding]] = [
        _data_directory,
        _disk,
        _master_key,
        _postgres_programs,
        _database,
        _temporal,
        _web,
        _files,
        _language_model,
        _mail,
    ]
    return [examine(config) for examine in examinations]


def _data_directory(config: Config) -> Finding:
    folder, part = config.data_dir, "data directory"
    if not folder.exists():
        return Finding(part, "off", f"{folder} is made at the first start")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(part, "broken", f"{folder} is not ours to write", f"chown -R {os.geteuid()} {folder}")
    pid = owner(folder / LOCK_NAME)
    return Finding(part, "ok", f"{folder}, in use by process {pid}" if pid else f"{folder}, not in use")


def _disk(config: Config) -> Finding:
    place = next(folder for folder in (config.data_dir, *config.data_dir.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    told = f"{free / 1024**3:.1f} GB free at {place}"
    if free < _ROOM:
        return Finding("disk", "broken", told, "Less than 1 GB is left; make room.")
    return Finding("disk", "ok", told)


def _master_key(config: Config) -> Finding:
    part, path = "master key", config.data_dir / "master.key"
    if config.master_key is not None:
        return Finding(part, "ok", "given as PATCHDECK_MASTER_KEY")
    if not path.exists():
        return Finding(part, "off", f"{path} is made at the first start")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(part, "broken", f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}")
    return Finding(part, "ok", f"{path}; keep a copy elsewhere")


def _postgres_programs(config: Config) -> Finding:
    part = "PostgreSQL programs"
    if config.database_url is not None:
        return Finding(part, "off", "PATCHDECK_DATABASE_URL names a server of your own")
    try:
        account = account_for(postgres_folder(config) / f"pg{MAJOR}")
        programs = postgres_programs(account)
        shown = subprocess.run([programs / "postgres", "-V"], check=True, capture_output=True, text=True)
    except (StartError, OSError, subprocess.CalledProcessError) as error:
        return Finding(part, "broken", str(error), "Install patchdeck again, or set PATCHDECK_DATABASE_URL.")
    whom = f", run as {account.name}" if account else ""
    return Finding(part, "ok", f"{shown.stdout.strip()}{whom}")


def _database(config: Config) -> Finding:
    part, url = "database", str(config.database_url or "")
    if not url:
        server = EmbeddedPostgres(postgres_folder(config))
        if owner(server.lock_path) is None:
            return Finding(part, "off", "not running; `patchdeck up` starts it")
        url = server.address().url
    import asyncpg

    try:
        version, migrated = asyncio.run(_asked(url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        return Finding(
            part, "broken", f"{error}", "Check PATCHDECK_DATABASE_URL and that the server takes connections."
        )
    if not migrated:
        return Finding(part, "broken", f"PostgreSQL {version} without our tables", "patchdeck db migrate")
    return Finding(part, "ok", f"PostgreSQL {version}")


async def _asked(url: str) -> tuple[str, bool]:
    """Return the server's version and whether our tables are there."""
    import asyncpg

    connection = await asyncpg.connect(url, timeout=_PATIENCE)
    try:
        version = await connection.fetchval("show server_version")
        return str(version), bool(await connection.fetchval("select to_regclass('items') is not null"))
    finally:
        await connection.close()


def _temporal(config: Config) -> Finding:
    part, address = "temporal", config.temporal_address
    if address is None:
        port = Ports(ports_file(config)).remembered("temporal")
        if port is None or owner(config.data_dir / LOCK_NAME) is None:
            return Finding(part, "off", "not running; `patchdeck up` starts it")
        address = f"127.0.0.1:{port}"
    host, _, port_text = address.rpartition(":")
    try:
        _connect(host, int(port_text))
    except OSError as error:
        mend = "Start that server or mend PATCHDECK_TEMPORAL_ADDRESS; for the one of `up`: patchdeck db rebuild-engine."
        return Finding(part, "broken", f"{address}: {error}", mend)
    return Finding(part, "ok", address)


def _web(config: Config) -> Finding:
    part, up = "web", owner(config.data_dir / LOCK_NAME)
    port = Ports(ports_file(config)).remembered("web") if up else None
    address = f"http://127.0.0.1:{port}" if port else config.url
    try:
        status, report = _fetch(f"{address}/readyz")
    except OSError as error:
        if up is None:
            return Finding(part, "off", "not running; `patchdeck up` starts it")
        return Finding(
            part, "broken", f"{address}: {error}", "Look into what `patchdeck up` printed, then start it again."
        )
    if status != 200:
        return Finding(part, "broken", report, "The parts above that are broken come first.")
    return Finding(part, "ok", address)


def _files(config: Config) -> Finding:
    part = "file store"
    if "://" in config.files:
        return Finding(part, "ok", config.files)
    folder = Path(config.files)
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(part, "broken", f"{folder} is not ours to write", f"chown -R {os.geteuid()} {existing}")
    return Finding(part, "ok", str(folder))


def _language_model(config: Config) -> Finding:
    part = "language model"
    if config.llm_base_url is None:
        return Finding(part, "off", "none configured; documents are read without one")
    return _reachable(part, config.llm_base_url, "Check PATCHDECK_LLM_BASE_URL and the network.")


def _mail(config: Config) -> Finding:
    part = "mail"
    if config.smtp_url is None:
        return Finding(part, "off", "none configured; links are shown instead of sent")
    return _reachable(part, config.smtp_url, "Check PATCHDECK_SMTP_URL and the network.")


def _reachable(part: str, url: str, mend: str) -> Finding:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443, "smtp": 587, "smtps": 465}[parts.scheme]
    place = f"{parts.hostname}:{port}"
    try:
        _connect(parts.hostname or "", port)
    except OSError as error:
        return Finding(part, "broken", f"{place}: {error}", mend)
    return Finding(part, "ok", place)


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=_PATIENCE).close()


def _fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310  # our own address, always http(s)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, _parts_that_are_down(refusal.read())


def _parts_that_are_down(content: bytes) -> str:
    try:
        parts = msgspec.json.decode(content)["parts"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return content.decode(errors="replace")[:200]
    return "; ".join(f"{name}: {part['detail']}" for name, part in parts.items() if part["status"] != "up")
