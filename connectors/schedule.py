"""Schedule: the clock starts runs, every so often or by calendar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from connectors.sdk import Connector, Item, Settings, field

MOST_MISSED = 1000
# A start this late still counts as on time
GRACE = timedelta(seconds=60)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERVAL = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

connector = Connector("schedule", "Schedule", icon="schedule")


class Due(Settings):
    """When to start: an interval or a cron line."""

    every: Annotated[
        str, field("Every", hint="An interval: 30s, 5m, 2h, 1d or 1w. Counted from midnight UTC.", example="15m")
    ] = ""
    cron: Annotated[
        str, field("Cron", hint="Minute, hour, day, month, weekday; instead of an interval.", example="0 9 * * MON-FRI")
    ] = ""
    time_zone: Annotated[
        str,
        field("Time zone", hint="Whose clock the cron line means; summer time is followed.", example="Europe/Paris"),
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
    """Start a run every so often, or whenever a cron line says so."""
    if settings.every:
        step = interval(settings.every)
        return _EPOCH + ((after - _EPOCH) // step + 1) * step
    zone = _zone(settings.time_zone)
    try:
        return next(CronSim(settings.cron, after.astimezone(zone))).astimezone(UTC)
    except StopIteration:
        return None


def due_between(settings: Due, after: datetime, until: datetime) -> Sequence[datetime]:
    """Return the moments after one and up to another at which runs start now, as the policy for missed starts says."""
    if settings.missed == "all":
        return _moments(settings, after, until)
    if settings.missed == "skip":
        return _newest(settings, max(after, until - GRACE), until)
    return _newest(settings, after, until)


def item_for(moment: datetime, settings: Due) -> Item:
    """Return the item of one moment; its key is the moment, so that it starts one run only."""
    text = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    local = moment.astimezone(_zone(settings.time_zone))
    content = {
        "due": text,
        "local": local.isoformat(),
        "date": local.date().isoformat(),
        "time": local.strftime("%H:%M"),
    }
    return Item(key=text, title=local.strftime("%Y-%m-%d %H:%M"), content=content, cursor=text)


def interval(text: str) -> timedelta:
    """Read an interval such as 15m; raises ValueError with a sentence."""
    found = _INTERVAL.fullmatch(text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not timedelta(seconds=1) <= length <= timedelta(days=366):
        raise ValueError(
            "Write the interval as a number and s, m, h, d or w, such as 15m; a second at least, a year at most."
        )
    return length


def _moments(settings: Due, after: datetime, until: datetime) -> Sequence[datetime]:
    found: list[datetime] = []
    moment = due(settings, after)
    while moment is not None and moment <= until and len(found) < MOST_MISSED:
        found.append(moment)
        moment = due(settings, moment)
    return found


def _newest(settings: Due, after: datetime, until: datetime) -> Sequence[datetime]:
    """Return the last moment of a span, without walking through all of a long one."""
    if settings.every:
        step = interval(settings.every)
        moment = _EPOCH + ((until - _EPOCH) // step) * step
    else:
        zone = _zone(settings.time_zone)
        backwards = CronSim(settings.cron, (until + timedelta(seconds=1)).astimezone(zone), reverse=True)
        moment = next(backwards, _EPOCH).astimezone(UTC)
    return [moment] if after < moment <= until else []


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
