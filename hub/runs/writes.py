"""Rendering a write: the target's settings, the rows, and what the ledger shows of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk import NoSettings, Settings, Target, fields_of, fill
from hub.recipes import CompiledStep

_CONSTANT: dict[int, tuple[CompiledStep, Settings, dict[str, Any]]] = {}
_KEPT = 2000


def write_of(step: CompiledStep, scope: Mapping[str, Any]) -> tuple[Settings, dict[str, Any], Sequence[dict[str, Any]]]:
    """Return the filled settings, the same as plain values, and the rows to write."""
    rows = [dict(row) for row in step.written(scope)]
    held = _CONSTANT.get(id(step)) if step.settings.constant else None
    if held is not None and held[0] is step:
        return held[1], held[2], rows
    plain = step.settings.render(scope)
    settings = filled(step.part, plain) if isinstance(step.part, Target) else NoSettings()
    if step.settings.constant:
        if len(_CONSTANT) >= _KEPT:
            _CONSTANT.clear()
        _CONSTANT[id(step)] = (step, settings, plain)
    return settings, plain, rows


def filled(target: Target, plain: Mapping[str, Any]) -> Settings:
    """Fill a target's settings; the record's own mapping is rendered apart, so it is empty here."""
    record: dict[str, Any] = {name: {} for name, declared in fields_of(target.settings).items() if declared.record}
    return fill(target.settings, {**record, **plain})


def literal_key(settings: Mapping[str, Any]) -> bytes:
    """Return what tells groups of alike settings apart."""
    return msgspec.json.encode(settings, order="deterministic")
