"""`patchdeck user`: the people of a workspace."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from hub.cli import output
from hub.cli.local import data_dir_option
from hub.cli.people import Local, on_database, password_option, read_password, works_locally
from hub.cli.remote import Hub
from hub.ids import show
from hub.members import Role

ROLES = [role.name.lower() for role in Role]


class AddedUser(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was added, or the link by which they join."""

    email: str
    role: str
    id: str | None = None
    link: str | None = None
    mailed: bool = False


@click.group()
def group() -> None:
    """Add people, list them, send them a link for a new password."""


@group.command()
@click.option("--email", required=True, help="Address the person signs in with.")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--name", default="", help="How the person is called.")
@click.option("--workspace", help="Slug of the workspace; the first one unless given.")
@password_option
@data_dir_option
@output.option
def add(
    email: str, role: str, name: str, workspace: str | None, password_file: str | None, data_dir: Path | None
) -> None:
    """Add a person: with a password on the database, by invitation over the API."""
    if not works_locally(data_dir):
        if password_file is not None or workspace is not None:
            raise click.UsageError("--password-file and --workspace need --data-dir or PATCHDECK_DATABASE_URL.")
        link = Hub().post("members/invitations", {"email": email, "role": role})
        output.show(AddedUser(email=email, role=role, link=link["url"] or None, mailed=link["mailed"]))
        return
    password = read_password(password_file)

    async def work(local: Local) -> str:
        user = await local.operator.add(email, Role[role.upper()], password, name=name, workspace=workspace)
        return show("usr", user)

    output.show(AddedUser(email=email, role=role, id=on_database(data_dir, work)))


@group.command("list")
@click.option("--workspace", help="Slug of the workspace; the first one unless given.")
@data_dir_option
@output.option
def list_users(workspace: str | None, data_dir: Path | None) -> None:
    """List the members of a workspace."""

    async def work(local: Local) -> object:
        return await local.people.memberships.list(await local.operator.acting_member(workspace=workspace))

    found = on_database(data_dir, work) if works_locally(data_dir) else Hub().list("members")
    output.show(found, ["email", "name", "role", "last_sign_in_at", "id"])


@group.command()
@click.argument("email")
@data_dir_option
@output.option
def reset(email: str, data_dir: Path | None) -> None:
    """Make a link by which a person sets a new password; it works once, for two hours."""

    async def work(local: Local) -> object:
        return await local.operator.reset_link(email)

    if works_locally(data_dir):
        output.show(on_database(data_dir, work))
        return
    named = [member["id"] for member in Hub().list("members") if member["email"].casefold() == email.casefold()]
    if not named:
        raise click.ClickException(f"There is no member {email} in this workspace.")
    output.show(Hub().post(f"members/{named[0]}/reset-link"))
