"""Fingerprints: what an output was made by and from, so that it can be told when it is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.recipes import to_plain
from hub.runs.trying.drafts import Draft

# What changes how a step is told of, or how patiently it is done, but not what it gives
_WORDS = ("title", "note", "retry", "timeout", "concurrency", "when_unknown")
_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="number")


def digest(value: Any) -> str:
    """Return the fingerprint of a plain value."""
    return hashlib.sha256(_ENCODER.encode(value)).hexdigest()[:32]


def makers(draft: Draft, pinned: Mapping[str, str]) -> dict[str, str]:
    """Return for each step the fingerprint of its definition and of all that lead to it.

    A step whose output is `pinned`, by that output's fingerprint, hides what leads to it from those that follow.
    """
    plain = to_plain(draft.document)["spec"]
    surroundings = digest([plain.get("vars"), draft.document.spec.settings.time_zone])
    defined = {step["id"]: {k: v for k, v in step.items() if k not in _WORDS} for step in plain.get("steps", [])}
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for step in draft.order:
        edges = [[edge.step, edge.case, edge.error, seen.get(edge.step)] for edge in draft.graph.edges[step]]
        found[step] = digest([defined[step], surroundings, sorted(edges, key=str)])
        seen[step] = pinned.get(step, found[step])
    return found


def given(draft: Draft, step: str, values: Mapping[str, str]) -> str:
    """Return the fingerprint of what a step was given: the sample's content and what came before, by fingerprints."""
    return digest([values.get("trigger"), [[one, values.get(one)] for one in draft.before(step)]])
