"""Steps as text that may leave the hub over a clipboard: what looks like a secret somebody typed in stays behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub import source

# Whole names or their last word, as in X-Api-Key, client_secret, accessToken
_WORDS = (
    r"(?:authorization|cookie|token|secret|password|passwd|pwd|passphrase|credentials?|signature|sig"
    r"|(?:api|access|private|secret|account|subscription|signing|auth)[-_ ]?key)"
)
_NAMES = re.compile(rf"(?:^|[^a-z]){_WORDS}$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_USER = re.compile(r"(?<=://)[^/@\s]+:[^/@\s]+@")
# What addresses carry behind "?" and "#"; key and code also say what is harmless, which is short
_QUERY = re.compile(r"(?<=[?&#;])([^=&#;?\s{}]+)=((?:\{\{.*?\}\}|[^&#;\s])*)")
_LONG = re.compile(r"(?:key|code|auth)$", re.IGNORECASE)
_LEAST = 16
# What services give out begins so, wherever it stands
_GIVEN = re.compile(
    r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|sk-|[sr]k_live_|AIza|AKIA|pat-|shpat_|SG\.|eyJ)"
    r"[\w.-]{16,}|(?<=hooks\.slack\.com/)[\w/]+|(?<=/api/webhooks/)\d+/[\w-]+|(?<=/bot)\d+:[\w-]{20,}"
)
_BEARER = re.compile(r"\b(Bearer|Basic) +(?!\{\{)[\w.~+/=-]{8,}")


def copied(step: Mapping[str, Any]) -> str:
    """Write a step as the text that copying it gives."""
    return source.write([_bare(step)])


def _bare(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(held, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_bare(one, name) for one in value]
    if not isinstance(value, str):
        return value
    if _secret(name) and "{{" not in value:
        return ""
    return _BEARER.sub(r"\1 ", _GIVEN.sub("", _QUERY.sub(_unasked, _USER.sub("", value))))


def _secret(name: str) -> bool:
    return bool(_NAMES.search(_HUMP.sub("_", name)))


def _unasked(found: re.Match[str]) -> str:
    """Take the value out of a part of an address that lets somebody in; a template is none."""
    name, value = found.groups()
    long = len(value) >= _LEAST and bool(_LONG.search(name))
    return f"{name}=" if "{{" not in value and (long or _secret(name)) else found.group()
