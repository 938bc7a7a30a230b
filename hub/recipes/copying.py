"""Steps as text that may leave the hub over a clipboard: what looks like a secret somebody typed in stays behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub import source

# Whole names or their last word, as in X-Api-Key, client_secret, accessToken
_NAMES = re.compile(
    r"(?:^|[^a-z])(?:authorization|cookie|api[-_ ]?key|token|secret|password|passphrase|credentials?)$", re.IGNORECASE
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_USER = re.compile(r"(?<=://)[^/@\s]+:[^/@\s]+@")


def copied(step: Mapping[str, Any]) -> str:
    """Write a step as the text that copying it gives."""
    return source.write([_bare(step)])


def _bare(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(held, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_bare(one, name) for one in value]
    if not isinstance(value, str) or "{{" in value:
        return value
    return "" if _NAMES.search(_HUMP.sub("_", name)) else _USER.sub("", value)
