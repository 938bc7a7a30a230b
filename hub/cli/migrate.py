"""The step of `up` that brings the database up to date before anything serves from it."""

import asyncio

import click

from hub.cli.local import load_config, open_database


@click.command(hidden=True)
def command() -> None:
    """Run the missing migrations and end."""

    async def migrate() -> None:
        async with open_database(load_config(), migrate=True):
            pass

    asyncio.run(migrate())
