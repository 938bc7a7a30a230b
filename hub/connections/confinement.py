"""Hostile content is read in jailed children; how they end is told to connectors in their own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from connectors.sdk import ConnectorError, SettingsError, TemporaryError
from connectors.sdk.confined import Outcome, named, result_type
from hub.jail import Jail, JailError, Limits

P = TypeVar("P")
R = TypeVar("R")

PERFORM: Final = "connectors.sdk.confined:perform"
LIMITS: Final = Limits()
# Time is the only one of the limits that a busy machine may be to blame for
LATE: Final = "Reading what the service sent took longer than {seconds:g} seconds."
REASONS: Final = {
    "memory": "Reading what the service sent needs more memory than it may use. Follow a smaller part of it.",
    "output": "What the service sent holds more than can be kept. Follow a smaller part of it.",
    "crash": "What the service sent is broken in a way that cannot be read.",
}


class Confinement:
    """Runs functions of connectors in the children of one jail."""

    def __init__(self, jail: Jail, limits: Limits = LIMITS) -> None:
        self._jail = jail
        self._limits = limits

    async def run(self, function: Callable[[P], R], payload: P) -> R:
        """Return what the function makes of the payload, or raise its refusal as the SettingsError that it is."""
        kind: Any = result_type(function)
        try:
            outcome: Outcome[R] = await self._jail.run(PERFORM, named(function, payload), Outcome[kind], self._limits)
        except JailError as error:
            raise self._told(error) from error
        if outcome.refusal is not None:
            raise SettingsError(outcome.refusal)
        return outcome.result  # type: ignore[return-value]  # None only when that is what the function returned

    def close(self) -> None:
        """End the children."""
        self._jail.close()

    def _told(self, error: JailError) -> ConnectorError:
        if error.kind == "time":
            return TemporaryError(LATE.format(seconds=self._limits.seconds))
        return SettingsError(REASONS.get(error.kind, error.message))
