"""`patchdeck doctor`: look at every part of this machine's hub and say how to mend what is broken."""

from pathlib import Path

import click

from hub.cli import output
from hub.cli.local import data_dir_option, load_config


@click.command()
@data_dir_option
@output.option
def command(data_dir: Path | None) -> None:
    """Check every part and say how to mend it. Ends with 1 when something is broken."""
    from hub.cli.checkup import checkup

    findings = checkup(load_config(data_dir=data_dir))
    output.show(findings, ("part", "state", "detail"))
    broken = [finding for finding in findings if finding.state == "broken"]
    for finding in broken:
        output.say(f"\n{finding.part}: {finding.mend}")
    if broken:
        raise SystemExit(1)
    output.say("\nNothing is broken.")
