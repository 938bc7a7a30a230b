"""`patchdeck worker`."""

import click

from hub.cli.local import load_config
from hub.cli.serve import serve_given


@click.command()
def command() -> None:
    """Work through runs from a database and a Temporal that are already there."""
    serve_given(load_config(), {"worker"})
