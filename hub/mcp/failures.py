"""Any failure as what to tell whoever called."""

from __future__ import annotations

import logging

from hub.errors import HubError
from hub.outages import outage_of, unusable

FAULT = "This is a fault of Patchdeck's; the log of the hub tells more."
_log = logging.getLogger(__name__)


class FaultError(HubError):
    """Something that should not happen did."""

    status = 500
    title = "Internal error"


def understood(error: Exception) -> HubError:
    """Return what to tell about a failure; one that nobody foresaw is logged and told as a fault of ours."""
    if isinstance(error, HubError):
        return error
    known = outage_of(error) or unusable(error)
    if known is None:
        _log.error("an MCP request failed", exc_info=error)
    return known or FaultError(FAULT)
