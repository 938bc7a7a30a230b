"""Outbound webhooks: which programs hear what happens here, and the log of what was sent to them."""

from __future__ import annotations

from typing import Any

import click

from hub.cli import output
from hub.cli.remote import Hub

COLUMNS = ("id", "url", "kinds", "state", "waiting", "reason")
LOG = ("id", "at", "type", "state", "tries", "status", "problem")

Webhook = click.argument("webhook")


@click.group(help="What happens here, sent to other programs.")
def group() -> None:
    """Hold the verbs."""


@group.command("list")
@output.option
def list_webhooks() -> None:
    """List the webhooks, the oldest first."""
    output.show(Hub().list("webhooks"), COLUMNS)


@group.command("add")
@click.argument("url")
@click.option("--on", "kinds", multiple=True, required=True, metavar="KIND", help="run.done, run.* or *; repeatable.")
@click.option("--description", default="", help="What the receiver is for.")
@click.option("--with-values", is_flag=True, help="Also send what documents say.")
@output.option
def add_webhook(url: str, kinds: tuple[str, ...], description: str, with_values: bool) -> None:
    """Send events to an address from now on; the secret that signs them is printed this once."""
    body = {"url": url, "kinds": kinds, "description": description, "with_values": with_values}
    _show_secret(Hub().post("webhooks", body))


@group.command("show")
@Webhook
@click.option("--limit", type=click.IntRange(0, 200), default=20, show_default=True, help="How many messages to show.")
@click.option("--state", type=click.Choice(["waiting", "sent", "failed"]), help="Only messages in this state.")
@output.option
def show_webhook(webhook: str, limit: int, state: str | None) -> None:
    """Show a webhook and the newest messages of its log."""
    hub = Hub()
    found = hub.get(_path(hub, webhook))
    log = hub.get(f"{_path(hub, webhook)}/messages", limit=max(limit, 1), state=state)["items"][:limit]
    if output.chosen() == "table":
        output.show(found)
        click.echo("")
        output.show(log, LOG)
    else:
        output.show({**found, "messages": log})


@group.command("test")
@Webhook
@output.option
def test_webhook(webhook: str) -> None:
    """Send a test event now and print what the receiver answered; exit code 1 when it did not take it."""
    hub = Hub()
    sent = hub.post(f"{_path(hub, webhook)}/test")
    output.show(sent if output.chosen() != "table" else sent["attempts"], ("number", "status", "took_ms", "problem"))
    if sent["message"]["state"] != "sent":
        raise SystemExit(1)


@group.command("resend")
@Webhook
@click.argument("message", required=False)
@click.option("--since", help="In place of a message: everything since a time, such as 2026-11-20T00:00:00Z.")
@output.option
def resend_messages(webhook: str, message: str | None, since: str | None) -> None:
    """Send one message again, or everything since a time; the receiver sees the same webhook-id."""
    if (message is None) == (since is None):
        raise click.UsageError("Name a message, or say --since when.")
    hub = Hub()
    if message:
        output.show(hub.post(f"{_path(hub, webhook)}/messages/{message}/resend"), LOG)
    else:
        output.show(hub.post(f"{_path(hub, webhook)}/replay", {"since": since}))


@group.command("rotate")
@Webhook
@output.option
def rotate_secret(webhook: str) -> None:
    """Make a new secret, printed this once; for 24 hours messages are signed with both."""
    hub = Hub()
    _show_secret(hub.post(f"{_path(hub, webhook)}/rotate"))


@group.command("pause")
@Webhook
@output.option
def pause_webhook(webhook: str) -> None:
    """Send nothing more for now; what waits is kept."""
    hub = Hub()
    output.show(hub.patch(_path(hub, webhook), {"active": False}))


@group.command("resume")
@Webhook
@output.option
def resume_webhook(webhook: str) -> None:
    """Send again, also to a receiver that was disabled because it did not answer."""
    hub = Hub()
    output.show(hub.patch(_path(hub, webhook), {"active": True}))


@group.command("remove")
@Webhook
@output.option
def remove_webhook(webhook: str) -> None:
    """Forget a webhook with its secret and its log."""
    hub = Hub()
    hub.delete(_path(hub, webhook))
    output.done(webhook, "removed")


def _path(hub: Hub, webhook: str) -> str:
    """Return where a webhook is by its id, or by its address when only one has it."""
    found = [one for one in hub.list("webhooks") if webhook in (one["id"], one["url"])]
    if len(found) != 1:
        what = "no webhook" if not found else f"{len(found)} webhooks"
        raise click.ClickException(f"There is {what} {webhook!r}; `patchdeck webhook list` shows their ids.")
    return f"webhooks/{found[0]['id']}"


def _show_secret(made: dict[str, Any]) -> None:
    output.show(made)
    output.say("The secret is shown this once. Give it to the receiver, which checks signatures with it.")
