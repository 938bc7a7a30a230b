"""`patchdeck key`: API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from hub.cli import output
from hub.cli.local import data_dir_option
from hub.cli.people import Local, on_database, works_locally
from hub.cli.remote import Hub
from hub.ids import parse
from hub.members import Scope

COLUMNS = ["name", "prefix", "scopes", "email", "created_at", "expires_at", "last_used_at", "revoked_at", "id"]


@click.group()
def group() -> None:
    """Create keys for programs, list and revoke them."""


@group.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=["read"],
    show_default=True,
    help="What the key may do; give it again for more. Each includes the ones before: read, run, write, admin.",
)
@click.option("--test", is_flag=True, help="A pd_test_ key, which may only plan and extract.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days after which the key ends; never unless given.")
@click.option("--rate-limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Calls a second.")
@click.option("--user", "email", help="Address of the member the key acts for; the first owner unless given.")
@click.option("--workspace", help="Slug of the workspace; the first one unless given.")
@data_dir_option
@output.option
def create(email: str | None, workspace: str | None, data_dir: Path | None, **wanted: Any) -> None:
    """Make a key and print it, this once."""
    from hub.accounts import NewKey

    days = wanted.pop("days")
    new = NewKey(
        name=wanted["name"],
        scopes=tuple(Scope(scope) for scope in wanted["scopes"]),
        test=wanted["test"],
        rate_limit=wanted["rate_limit"],
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )

    async def work(local: Local) -> object:
        holder = await local.operator.acting_member(email, workspace)
        owner = await local.operator.owner_of(holder.workspace)
        return await local.people.keys.create(owner, new, holder=holder.user)

    if works_locally(data_dir):
        created = msgspec.to_builtins(on_database(data_dir, work))
    elif email is not None or workspace is not None:
        raise click.UsageError("--user and --workspace need --data-dir or PATCHDECK_DATABASE_URL.")
    else:
        created = Hub().post("keys", new)
    output.show({"key": created["key"], **created})
    output.say("Keep the key now; it cannot be shown again.")


@group.command("list")
@click.option("--workspace", help="Slug of the workspace; the first one unless given.")
@data_dir_option
@output.option
def list_keys(workspace: str | None, data_dir: Path | None) -> None:
    """List the keys of a workspace, newest first."""

    async def work(local: Local) -> object:
        return await local.people.keys.list(await local.operator.acting_member(workspace=workspace))

    found = on_database(data_dir, work) if works_locally(data_dir) else Hub().list("keys")
    output.show(found, COLUMNS)


@group.command()
@click.argument("key")
@click.option("--workspace", help="Slug of the workspace; the first one unless given.")
@data_dir_option
@output.option
def revoke(key: str, workspace: str | None, data_dir: Path | None) -> None:
    """Stop a key for good, by its id or name."""

    async def work(local: Local) -> None:
        member = await local.operator.acting_member(workspace=workspace)
        found = _named(msgspec.to_builtins(await local.people.keys.list(member)), key)
        await local.people.keys.revoke(member, parse("key", found))

    if works_locally(data_dir):
        on_database(data_dir, work)
    else:
        Hub().delete(f"keys/{_named(Hub().list('keys'), key)}")
    output.done(key, "revoked")


def _named(keys: list[dict[str, Any]], key: str) -> str:
    live = [one["id"] for one in keys if one["revoked_at"] is None and key in (one["id"], one["name"])]
    if len(live) != 1:
        raise click.ClickException(f"There are {len(live)} live keys {key}; `patchdeck key list` shows their ids.")
    return str(live[0])
