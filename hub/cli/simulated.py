"""The step of `up --demo` that serves the simulated services, on this machine only."""

from __future__ import annotations

import click

from hub.cli.local import load_config


@click.command(hidden=True)
def command() -> None:
    """Serve the simulated CRM, ticket desk and survey; prints `ready` once they answer."""
    import uvicorn

    from hub.demo.simulated import create
    from hub.demo.simulated.place import place_of
    from hub.demo.simulated.store import Store

    place = place_of(load_config())
    place.folder.mkdir(parents=True, exist_ok=True)
    application = create(Store(place.folder / "services.json"), place.token)
    config = uvicorn.Config(application, host="127.0.0.1", port=place.port, log_level="warning", access_log=False)
    click.echo("ready: the simulated services")
    uvicorn.Server(config).run()
