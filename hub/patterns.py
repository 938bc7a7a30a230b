"""Regular expressions that people write, checked in linear time on any input."""

from __future__ import annotations

from typing import Any

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False


def pattern(text: str) -> Any:
    """Compile a regular expression; raises ValueError with a sentence for one that cannot be used."""
    try:
        return re2.compile(text, _QUIET)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"This regular expression cannot be used: {reason}.") from error
