"""Where failures become Temporal's retry decision, and only here."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from hub.outages import GONE


class Translation(Interceptor):
    """Wraps every activity of a worker; what services say about the outside world never gets here, it is in rows."""

    def intercept_activity(self, following: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Put the translation around an activity."""
        return _Translating(following)


class _Translating(ActivityInboundInterceptor):
    """Turns a part that is away for the moment into a retry, told in a sentence and without a trace."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  # the SDK's name
        """Run the activity."""
        try:
            return await super().execute_activity(input)
        except GONE as error:
            raise ApplicationError(f"A part of the hub does not answer: {type(error).__name__}.", type="Away") from None
