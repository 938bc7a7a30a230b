"""Lists of names that people fill in, such as labels, tags and logins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sdk.errors import SettingsError


def names(given: Any, title: str, called: str = "names") -> list[str]:
    """Return the names that were given as a list, or as one text with commas."""
    several = given.split(",") if isinstance(given, str) else [] if given is None else given
    if not isinstance(several, Sequence) or not all(isinstance(one, (str, int)) for one in several):
        raise SettingsError(f"{title} are a list of {called}.")
    return [text for one in several if (text := str(one).strip())]
