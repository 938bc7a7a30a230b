"""`patchdeck mcp`."""

import sys

import click

from hub.config import client_settings


@click.command()
def command() -> None:
    """Lend the tools of the hub at PATCHDECK_URL to an AI assistant, over stdin and stdout.

    Assistants start this themselves; PATCHDECK_API_KEY decides what they may do.
    """
    import anyio

    from hub.cli.remote import Hub
    from hub.mcp.stdio import refusal, relay

    Hub().get("recipes", limit=1)  # an address or a key that is wrong is told before any message
    url, key = client_settings()
    if told := refusal(url, key):
        raise click.ClickException(told)
    sys.stderr.write(f"Speaking MCP for {url} on stdin and stdout.\n")
    anyio.run(relay, url, key)
