"""Schedule: the clock starts runs, every so often or by calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from connectors.sdk import Connector, Context, NoSettings, Settings, Shape, field
from connectors.sdk.intervals import interval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

connector = Connector("schedule", "Schedule", icon="schedule")


async def time_zones(_: Context[NoSettings, Any]) -> Sequence[str]:
    """Return the names of the world's time zones."""
    return sorted(available_timezones())


class Due(Settings):
    """When to start: an interval or a cron line."""

    every: Annotated[str, field("Every", hint="An interval.", example="15m", shape=Shape.DURATION)] = ""
    cron: Annotated[
        str, field("Cron", hint="Minute, hour, day, month, weekday; instead of an interval.", example="0 9 * * MON-FRI")
    ] = ""
    time_zone: Annotated[
        str,
        field(
            "Time zone",
            hint="Whose clock the cron line means; summer time is followed.",
            example="Europe/Paris",
            choices=time_zones,
        ),
    ] = "UTC"
    missed: Annotated[
        Literal["once", "skip", "all"],
        field(
            "When starts were missed",
            hint="While the hub was down or the recipe paused: start once, not at all, or for each.",
        ),
    ] = "once"

    def __post_init__(self) -> None:
        if bool(self.every) == bool(self.cron):
            raise ValueError("Give either an interval or a cron line.")
        if self.every:
            interval(self.every)
        _zone(self.time_zone)
        if self.cron:
            _first(self.cron)


@connector.calendar("Time reached")
def due(settings: Due, after: datetime) -> datetime | None:
    """Start a run every so often, or whenever a cron line says so.

    Gives the moment as `due`. Intervals are counted from midnight UTC of 1 January 1970, so that 15m means a quarter
    past, half past and so on; summer time is followed by the cron line's clock.
    """
    if settings.every:
        step = interval(settings.every)
        return _EPOCH + ((after - _EPOCH) // step + 1) * step
    zone = _zone(settings.time_zone)
    try:
        return next(CronSim(settings.cron, after.astimezone(zone))).astimezone(UTC)
    except StopIteration:
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"There is no time zone {name[:60]!r}. Write it like Europe/Paris or UTC.") from error


def _first(cron: str) -> None:
    """Refuse a line that is not cron, or that never comes."""
    try:
        next(CronSim(cron, _EPOCH))
    except CronSimError as error:
        raise ValueError(f"This is not a cron line: {error}. Write it like 0 9 * * MON-FRI.") from error
    except StopIteration:
        raise ValueError("This cron line never comes.") from None
