"""`patchdeck up`."""

import os
from pathlib import Path

import click

from hub.cli.local import data_dir_option, load_config


@click.command()
@click.option("--host", help="Address to serve at (PATCHDECK_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve at (PATCHDECK_PORT).")
@data_dir_option
@click.option("--demo", is_flag=True, help="Add a demo workspace that works through the sample documents.")
@click.option("--workers", type=click.IntRange(0, 64), default=0, show_default=True, help="Extra worker processes.")
def command(host: str | None, port: int | None, data_dir: Path | None, demo: bool, workers: int) -> None:
    """Start everything on this machine: database, Temporal, web and worker. Ctrl-C ends it all."""
    from hub.supervisor.up import Options, up

    config = load_config(host=host, port=port, data_dir=data_dir)
    demo_exit = demo and os.environ.get("DEMO_EXIT") == "1"
    raise SystemExit(up(config, Options(workers=workers, demo=demo, demo_exit=demo_exit)))
