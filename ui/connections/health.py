"""How a connection fares, in three lines: calls of a day, the newest that worked, and room under the rate limit."""

from __future__ import annotations

from connectors.sdk.network.room import Room
from hub.connections import ConnectionHealth
from hub.text import count, say
from ui.pieces import div, moment, words


def health_lines(health: ConnectionHealth) -> None:
    """Draw what is known; a connection that nobody has called says so."""
    with div("pd-stack").mark("health").style("gap: 6px"):
        words(calls_line(health), "pd-soft pd-small")
        if health.succeeded_at is not None:
            with div("pd-line pd-tight"):
                words(say("health.succeeded"), "pd-soft pd-small", "span")
                moment(health.succeeded_at)
        if health.room is not None:
            with div("pd-line pd-tight"):
                words(_left(health.room), "pd-soft pd-small", "span")
                if health.room.resets_at is not None:
                    words(say("health.resets"), "pd-soft pd-small", "span")
                    moment(health.room.resets_at)


def calls_line(health: ConnectionHealth) -> str:
    """Say in a line how many calls there were in a day, and the share of those that failed."""
    if not health.calls:
        return say("health.none")
    if not health.failures:
        return count("health.all_worked", health.calls)
    share = max(1, round(100 * health.failures / health.calls))
    return count("health.some_failed", health.calls, failures=str(health.failures), share=str(share))


def _left(room: Room) -> str:
    if room.limit is None:
        return count("health.room", room.remaining)
    return count("health.room_of", room.remaining, limit=str(room.limit))
