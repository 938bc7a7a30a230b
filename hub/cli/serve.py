"""The processes that do the work: started by `up` as children, or alone by `web`, `worker` and `bots`."""

from collections.abc import Set

import click

from hub.cli.local import load_config
from hub.config import Config

_PARTS = frozenset({"web", "worker", "bots"})


@click.command(hidden=True)
@click.option("--with", "parts", required=True, help="Comma separated: web, worker, bots.")
def command(parts: str) -> None:
    """Serve as a child of `up`: prints `ready: URL`, and `setup: URL` while there is no owner."""
    wanted = frozenset(parts.split(","))
    if unknown := wanted - _PARTS:
        raise click.UsageError(f"There is no part {', '.join(sorted(unknown))}.")
    serve_given(load_config(), wanted)


def serve_given(config: Config, parts: Set[str]) -> None:
    """Serve until a signal comes; both servers must be given."""
    missing = [name for name in ("database_url", "temporal_address") if getattr(config, name) is None]
    if missing:
        names = " and ".join(f"PATCHDECK_{name.upper()}" for name in missing)
        raise click.UsageError(f"Set {names}, or use `patchdeck up`, which brings both servers along.")
    from hub import serving

    serving.serve(config, parts)
