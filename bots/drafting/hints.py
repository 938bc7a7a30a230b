"""Values that stand in the words themselves: directories, addresses, files, intervals, confidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bots.drafting.draft import PartDraft

_PATH = re.compile(r"(?<![\w:/.<])/(?:[\w.-]+/?)+")
_URL = re.compile(r"https?://[^\s,;\"'<>]+[^\s,;.\"'<>]")
_FILE = re.compile(r"(?<![\w/.-])[\w-]+\.(?:xlsx|csv|jsonl|json|txt)\b", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PATTERN = re.compile(r"(?<![\w/])(?:\*\.\w{2,5}|(?:pdf|csv|xlsx|docx|png|jpe?g|xml|eml)(?=s?\b))", re.IGNORECASE)
_BELOW = re.compile(r"(?:below|under|less than|<)\s*(\d+(?:[.,]\d+)?)\s*(%?)", re.IGNORECASE)
_EVERY = re.compile(r"every\s+(?:(\d+)\s*)?(second|minute|hour|day|week|s|m|h|d)s?\b", re.IGNORECASE)
_AT = re.compile(r"\bat\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_UNITS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}


def below(words: str) -> float:
    """Return the confidence below which a person looks; 0.9 when none is said."""
    found = _BELOW.search(words)
    if found is None:
        return 0.9
    number = float(found[1].replace(",", "."))
    share = number / 100 if found[2] or number > 1 else number
    return share if 0 <= share <= 1 else 0.9


def prefill(trigger: PartDraft, target: PartDraft, words: str) -> None:
    """Put values that stand in the words where settings of that kind are."""
    paths = _PATH.findall(_URL.sub(" ", words))
    urls = _URL.findall(words)
    named = {field.name for field in trigger.fields}
    _put(trigger, "directory", paths[:1])
    _put(trigger, "url", urls[:1])
    _put(trigger, "sender", _MAIL.findall(words)[:1])
    _put(trigger, "pattern", [_pattern(found) for found in _PATTERN.findall(words)[:1]])
    if {"every", "cron"} <= named and (moment := when(words)):
        trigger.settings = {**moment, **trigger.settings}
    left = paths[1:] if "directory" in trigger.settings else paths
    _put(target, "directory", left[-1:])
    _put(target, "url", urls[1:] if "url" in trigger.settings else urls[:1])
    _put(target, "file", _FILE.findall(words)[-1:])
    _put(target, "to", [] if "sender" in trigger.settings else _MAIL.findall(words)[:1])


def when(words: str) -> Mapping[str, Any]:
    """Return a schedule's settings: a cron line for times of day, else an interval; nothing when none is said."""
    plain = words.lower()
    days = [str(number) for number, name in enumerate(_DAYS) if name in plain]
    found = _AT.search(plain)
    if found:
        hour = int(found[1]) % 12 + 12 if found[3] == "pm" else int(found[1]) % 24
        return {"cron": f"{int(found[2] or 0)} {hour} * * {','.join(days) or '*'}"}
    if days:
        return {"cron": f"0 8 * * {','.join(days)}"}
    interval = _EVERY.search(plain)
    if interval is None:
        return {}
    unit = _UNITS.get(interval[2], interval[2])
    number = int(interval[1] or 1)
    return {"every": f"{number * 7}d" if unit == "w" else f"{number}{unit}"}


def _put(part: PartDraft, name: str, values: Sequence[str]) -> None:
    if values and name not in part.settings and any(field.name == name for field in part.fields):
        part.settings = {**part.settings, name: values[0]}


def _pattern(found: str) -> str:
    return found.lower() if found.startswith("*") else f"*.{found.lower()}"
