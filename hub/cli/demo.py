"""The step of `up --demo` that seeds the demo workspace and says what came of the samples."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from hub import database
from hub.cli import output
from hub.cli.local import load_config
from hub.config import Config

if TYPE_CHECKING:
    from hub.demo.show import Outcome


@click.command(hidden=True)
def command() -> None:
    """Seed the demo, watch the samples flow, and tell how many are as expected."""
    right, count = asyncio.run(_show(load_config()))
    click.echo(f"{right} of {count} samples as expected")
    raise SystemExit(0 if right == count else 1)


async def _show(config: Config) -> tuple[int, int]:
    from hub.composition import build
    from hub.demo.services import seed_services
    from hub.demo.show import outcomes, seed
    from hub.demo.simulated.place import place_of
    from hub.supervisor.up import DEMO_FOLDER
    from temporal.engine import TemporalEngine, connect

    engine = TemporalEngine()
    await database.connect(str(config.database_url), min_size=1, max_size=4)
    built = build(config, engine)
    try:
        engine.attach(await connect(str(config.temporal_address), config.temporal_namespace))
        folder = config.data_dir / DEMO_FOLDER
        member = await seed(built.services, folder)
        place = place_of(config)
        await seed_services(built.services, member, place.address, place.token)
        output.say(f"A simulated CRM, ticket desk and survey are at {place.address}; recipes carry what happens there.")
        output.say(f"The samples lie in {folder / 'inbox'}; workbooks appear in {folder / 'outbox'}.")
        told = [_told(outcome) async for outcome in outcomes(member, folder)]
        return sum(told), len(told)
    finally:
        built.extraction.close()
        await built.contexts.close()
        await database.close()


def _told(outcome: Outcome) -> bool:
    """Say what came of a sample and return whether it is as expected."""
    right = not outcome.differences
    values = ", ".join(outcome.values)
    output.say(f"  {'ok   ' if right else 'WRONG'}  {outcome.name:<32}  {values}")
    for difference in outcome.differences:
        output.say(f"         {difference}")
    return right
