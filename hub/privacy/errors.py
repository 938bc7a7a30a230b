"""Why a document did not leave for a provider."""

from __future__ import annotations

from hub.errors import InvalidError


class NotScreenedError(InvalidError):
    """The search for personal data failed; nothing was sent."""

    title = "Not sent"


class PersonalDataError(InvalidError):
    """The policy forbids sending what the document holds; nothing was sent."""

    title = "Not sent"
