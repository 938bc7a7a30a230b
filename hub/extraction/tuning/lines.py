"""Corrected documents as chat lines, one JSON object each, split so that no layout is on both sides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import msgspec

from hub.extraction.language_models.prompt import only, prompt
from hub.extraction.language_models.settings import Screen
from hub.extraction.schemas.fields import Schema
from hub.extraction.tuning.corrected import Corrected

# The share of documents that is kept for validation, as far as whole layouts allow.
_VALIDATION = 0.2


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Both files, how many examples are in each, and what was done to them before they leave."""

    training: bytes
    validation: bytes
    training_examples: int
    validation_examples: int
    notes: tuple[str, ...] = ()


async def lines(schema: Schema, documents: Sequence[Corrected], screen: Screen, *, is_local: bool = False) -> Lines:
    """Write the files as a provider may have them; HubError when the policy lets a document go to none."""
    texts = [text for one in documents for text in (one.example.text, _told(one))]
    for language in sorted({one.language for one in documents}):
        spoken = [one for one in documents if one.language == language]
        await screen.examine([text for one in spoken for text in (one.example.text, _told(one))], language)
    training, validation = split(documents)
    return Lines(
        training=_written(schema, training, screen, is_local=is_local),
        validation=_written(schema, validation, screen, is_local=is_local),
        training_examples=len(training),
        validation_examples=len(validation),
        notes=tuple(screen.notes([(text, 0, len(text)) for text in texts], is_local=is_local)),
    )


def split(documents: Sequence[Corrected]) -> tuple[list[Corrected], list[Corrected]]:
    """Put whole layouts aside for validation, the same ones each time; a document without one is its own layout."""
    groups: dict[str, list[Corrected]] = {}
    for one in documents:
        name = one.layout or f"text:{one.example.text}"
        groups.setdefault(name, []).append(one)
    training: list[Corrected] = []
    validation: list[Corrected] = []
    wanted = round(len(documents) * _VALIDATION)
    for name in sorted(groups, key=lambda one: hashlib.sha256(one.encode()).digest()):
        group = groups[name]
        fits = len(validation) + len(group) <= wanted
        (validation if fits else training).extend(group)
    return training, validation


def _written(schema: Schema, documents: Sequence[Corrected], screen: Screen, *, is_local: bool) -> bytes:
    written = [json.dumps(_line(schema, one, screen, is_local=is_local), ensure_ascii=False) for one in documents]
    return "".join(f"{line}\n" for line in written).encode()


def _line(schema: Schema, one: Corrected, screen: Screen, *, is_local: bool) -> dict[str, object]:
    """Write a conversation in the words of an extraction, so that the model meets what it learnt."""
    record = json.loads(screen.leaving(_told(one), is_local=is_local))
    asked = prompt(schema, screen.leaving(one.example.text, is_local=is_local))
    answer = json.dumps(only(schema.spec.fields, record), ensure_ascii=False)
    return {
        "messages": [
            {"role": "system", "content": asked.rules},
            {"role": "user", "content": asked.content},
            {"role": "assistant", "content": answer},
        ]
    }


def _told(one: Corrected) -> str:
    return msgspec.json.encode(one.example.record).decode()
