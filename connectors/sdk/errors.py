"""The three ways a connector can fail, told apart by who must do what next."""

from __future__ import annotations

from connectors.sdk.texts import storable

# In seconds: a service that asks to be left alone for longer is asked again after a day
LONGEST_WAIT = 86_400.0


class ConnectorError(Exception):
    """A service said no; the message is a sentence for the user, in letters that can be kept."""

    def __init__(self, message: str) -> None:
        super().__init__(storable(message))
        self.message = storable(message)

    @property
    def word(self) -> str:
        """Which of the three ways it is, also for a narrower error."""
        ways = (CredentialsError, SettingsError, TemporaryError)
        return next((way.__name__ for way in ways if isinstance(self, way)), ConnectorError.__name__)


class CredentialsError(ConnectorError):
    """The service does not accept the connection's credentials: connect again."""


class SettingsError(ConnectorError):
    """The service refuses what it was asked for: change a setting or the record."""


def undecided(what: str, where: str) -> SettingsError:
    """Return the error of looking for a write among so much else that it may have been missed."""
    return SettingsError(
        f"So much came into {where} since that nobody can tell whether the {what} is among it. Look yourself: if it is "
        "not there, replay the item and say that it may be sent again."
    )


class TemporaryError(ConnectorError):
    """The service cannot answer now: try again, after `retry_after` seconds when it said so.

    `uncertain`: the request may have taken effect although no answer came (cut or timed out), so a write must be
    looked up, or repeated under its key, before anything else.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, uncertain: bool = False) -> None:
        super().__init__(message)
        self.retry_after = None if retry_after is None else min(max(0.0, retry_after), LONGEST_WAIT)
        self.uncertain = uncertain
