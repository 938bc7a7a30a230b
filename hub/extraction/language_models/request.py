"""One request about a portion: its words as they may leave, its pictures, its likely size, and what is to be told."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from hub.extraction.language_models.budget import Estimate, estimate
from hub.extraction.language_models.equipment import Equipment
from hub.extraction.language_models.memory import fingerprint
from hub.extraction.language_models.portions import Portion, pages_of
from hub.extraction.language_models.prompt import Shown, prompt, seen
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.json_schema import answer_schema
from hub.providers import OpenProvider, Question

MOST_PICTURES = 6


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A question, the key its answer is kept under, and the pages whose pictures are shown."""

    question: Question
    asked: bytes
    estimate: Estimate
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


async def make_request(
    provider: OpenProvider, equipment: Equipment, reading: Reading, schema: Schema, portion: Portion
) -> Request:
    """Write a request; HubError when the document may not leave for this provider."""
    screen, here = equipment.screen, provider.is_local
    leaving = [screen.leaving(reading.text, one.start, one.end, is_local=here) for one in portion.ranges]
    document = "\n\n".join(leaving)
    examples = [
        Shown(screen.leaving(one.text, is_local=here), json.loads(screen.leaving(one.told, is_local=here)))
        for one in equipment.examples
    ]
    parts = [(reading.text, one.start, one.end) for one in portion.ranges]
    parts += [(one.text, 0, len(one.text)) for one in equipment.examples]
    notes = [*screen.notes(parts, is_local=here), *_unseen(document)]
    pictures, pages, told = await _pictures(provider, equipment, reading, portion)
    written = prompt(schema, document, examples)
    shape = answer_schema(schema.spec.fields)
    question = Question(
        rules=written.rules,
        content=written.content,
        pictures=pictures,
        schema=shape,
        name=schema.name.replace("-", "_")[:60],
        temperature=equipment.settings.temperature,
    )
    # The mark of the fence is another one each time, and no part of what is asked.
    plain = prompt(schema, document, examples, mark="-")
    asked = [plain, shape, equipment.settings.temperature]
    size = len(written.rules) + len(written.content) + len(json.dumps(shape))
    return Request(
        question=question,
        asked=fingerprint(provider, asked, pictures),
        estimate=estimate(size, len(document), schema.spec.fields, len(pictures)),
        pages=pages,
        notes=(*notes, *told),
    )


async def _pictures(
    provider: OpenProvider, equipment: Equipment, reading: Reading, portion: Portion
) -> tuple[Sequence[bytes], tuple[int, ...], Sequence[str]]:
    """Return the pictures to show, their pages, and why there are none when they were wanted."""
    if not equipment.settings.vision or equipment.pictures is None:
        return (), (), ()
    if not provider.sees:
        return (), (), [f"{provider.model.name} was shown no pictures: it reads text only."]
    if not equipment.screen.shows_pictures(is_local=provider.is_local):
        return (), (), ["No pictures were sent: the privacy policy keeps them back, as nothing in them can be masked."]
    pages = pages_of(reading, portion) or [page.number for page in reading.pages]
    drawn = [(number, await equipment.pictures.png(number)) for number in pages[:MOST_PICTURES]]
    shown = [(number, picture) for number, picture in drawn if picture is not None]
    return [picture for _, picture in shown], tuple(number for number, _ in shown), ()


def _unseen(document: str) -> list[str]:
    left_out = len(document) - len(seen(document))
    return [f"{left_out} invisible characters of the document were not shown to the model."] if left_out else []
