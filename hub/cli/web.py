"""`patchdeck web`."""

import click

from hub.cli.local import load_config
from hub.cli.serve import serve_given


@click.command()
@click.option("--host", help="Address to serve at (PATCHDECK_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve at (PATCHDECK_PORT).")
def command(host: str | None, port: int | None) -> None:
    """Serve pages, API and webhooks from a database and a Temporal that are already there."""
    serve_given(load_config(host=host, port=port), {"web"})
