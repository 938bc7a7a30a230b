"""What must not come along: credentials that people wrote into headers, addresses and texts of an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PUT_FOR = "[left out: a secret]"
_NAMES = re.compile(
    r"(?i)^(?:x-|http-)?(?:.*[-_.])?(?:authorization|api[-_]?key|apikey|access[-_]?key|(?:access|auth|api|bot|bearer|"
    r"refresh|id)?[-_]?token|secret|client[-_]?secret|password|passwd|pwd|cookie|set-cookie|signature|credentials?|"
    r"private[-_]?key|session[-_]?id|subscription-key)$"
)
_SHAPES = re.compile(
    r"(?:\b(?:Bearer|Basic|Token|token|bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,})"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.?[A-Za-z0-9_-]*"
    r"|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}|\bya29\.[0-9A-Za-z_-]{10,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\bglpat-[\w-]{16,}|\bpat-[a-z0-9]{2,4}-[0-9a-f-]{30,}|\bkey-[0-9a-f]{32}\b|\b\d{8,10}:[A-Za-z0-9_-]{35}\b"
    r"|hooks\.slack\.com/services/[A-Za-z0-9/]+|discord(?:app)?\.com/api/webhooks/[\w/-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
)
_LONG = re.compile(r"(?<![\w.])(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{32,}(?!\w)")
_LOGIN = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@:]+:[^\s/@]+@")
_IN_ADDRESS = re.compile(
    r"(?i)([?&](?:[\w-]*(?:key|token|secret|password|signature|auth)|sig|pwd|code)=)(?!\{\{)[^&\s\"']+"
)
_KEY_WAY = re.compile(r"(?i)(/(?:key|token|bot)/?)(?!\{\{)[A-Za-z0-9:_-]{8,}(?=[/?]|$)")
# Names with their values in the middle of texts: JSON and programs, forms and addresses, headers one a line
_NAMED = r"(?P<lead>{before}(?P<name>[A-Za-z][\w.-]{{1,60}}){between})(?P<value>{value})"
_IN_TEXTS = (
    re.compile(
        _NAMED.format(
            before=r"\b",
            between=r"\\?[\"']?\s{0,9}(?::|=)\s{0,9}\\?[\"']",
            value=r"(?:(?!\\?[\"']|\{\{|\$\{)[^\n]){1,2000}(?=\\?[\"'])",
        )
    ),
    re.compile(_NAMED.format(before=r"(?:^|[?&;\s\"'])", between="=", value=r"(?![{$=])[^&\s\"';{}]+")),
    re.compile(
        _NAMED.format(
            before=r"^[ \t]*", between=r":[ \t]*", value=r"(?:(?:Bearer|Basic|Token) )?(?![{$=])[^\s{}\"']+(?=[ \t]*$)"
        ),
        re.MULTILINE,
    ),
)
_USER = re.compile(r"((?:^|\s)(?:-u|--user)\s{1,9}[\"']?)[^\s:\"']+:[^\s\"']+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# How exports write one header or parameter: its name in one place, its value in another
_PAIRS = (("name", "value"), ("key", "value"), ("keyValue", "valueValue"), ("parameterName", "parameterValue"))
_ONLY_PATH = re.compile(r"^=?\s*(?:Bearer |Basic |Token )?\{\{[^{}\"']*\}\}\s*$")


def is_secret_name(name: str) -> bool:
    """Tell whether what stands under a name is a credential by what the name says."""
    return _NAMES.match(_HUMP.sub("_", name.strip())) is not None


def clean_text(text: str) -> str:
    """Return a text without what looks like a credential."""
    text = _LOGIN.sub(rf"\1{PUT_FOR}@", text)
    text = _IN_ADDRESS.sub(rf"\1{PUT_FOR}", text)
    text = _KEY_WAY.sub(rf"\1{PUT_FOR}", text)
    text = _LONG.sub(PUT_FOR, _SHAPES.sub(PUT_FOR, _USER.sub(rf"\1{PUT_FOR}", text)))
    for pattern in _IN_TEXTS:
        text = pattern.sub(_without, text)
    return text


def _without(found: re.Match[str]) -> str:
    secret = is_secret_name(found["name"]) and not found["value"].startswith(PUT_FOR[:5])
    return f"{found['lead']}{PUT_FOR}" if secret else found[0]


def clean(value: Any, found: list[str], name: str = "") -> Any:
    """Return a value without credentials, and add to `found` under which names there were some."""
    if isinstance(value, Mapping):
        named = {second: str(value[first]) for first, second in _PAIRS if isinstance(value.get(first), str)}
        return {str(key): clean(inner, found, named.get(str(key), str(key))) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner, found, name) for inner in value]
    if not isinstance(value, str):
        return value
    if name and is_secret_name(name) and value.strip() and not _ONLY_PATH.match(value):
        found.append(name)
        return PUT_FOR
    cleaned = clean_text(value)
    if cleaned != value:
        found.append(name)
    return cleaned
