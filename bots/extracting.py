"""The command extract: files, links and texts, by a schema that is named or chosen by a button."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bots.asked import Asked, Incoming, command
from bots.finding import clipped
from bots.replies import Attachment, Button, Reply, Table
from hub.errors import InvalidError
from hub.extraction import Extraction
from hub.extraction.capturing.pages import Wanted
from hub.extraction.schemas.views import SchemaSummary
from hub.files import Upload
from hub.members import Verb

_MOST_FILES = 10
_MOST_BUTTONS = 12
_MOST_ROWS = 20
# A text waits in the buttons themselves for its schema.
_LONGEST_TEXT = 20_000
_HOW = "Send a file or a photo, or say extract with a schema and a link or a text, such as: extract invoice https://…"


@command("[schema] <file, link or text>", acts=True, verbatim=True)
async def extract(asked: Asked) -> Reply:
    """Extract a record from a file, a link or a text."""
    asked.member.authorize(Verb.EXTRACT)
    schemas = (await asked.services.schemas.list(asked.member, limit=100)).items
    schema, rest = _parted(asked.argument, schemas)
    if not asked.files:
        return await _from_words(asked, schemas, schema, rest)
    stored = [await _stored(asked, one) for one in asked.files[:_MOST_FILES]]
    if schema is None:
        return _choice(schemas, " ".join(stored), f"Which schema is right for {clipped(asked.files[0].name)}?")
    return _together([await _one(asked, schema, reference) for reference in stored])


async def _from_words(asked: Asked, schemas: Sequence[SchemaSummary], schema: SchemaSummary | None, rest: str) -> Reply:
    if not rest:
        names = ", ".join(one.name for one in schemas[:8])
        raise InvalidError(f"{_HOW}. Schemas here: {names}.")
    if len(rest) > _LONGEST_TEXT:
        raise InvalidError(f"A text may have {_LONGEST_TEXT:,} letters here. Send it as a file.")
    if schema is None:
        return _choice(schemas, rest, "Which schema is right for this?")
    named = rest.split()
    if all(one.startswith("fil_") for one in named):
        return _together([await _one(asked, schema, reference) for reference in named[:_MOST_FILES]])
    return await _one(asked, schema, rest)


async def _one(asked: Asked, schema: SchemaSummary, source: str) -> Reply:
    """Extract from a stored file by its id, from a link, or from a text."""
    extractions = asked.services.extractions
    if source.startswith("fil_"):
        made = await extractions.extract_file(asked.member, source, schema.name)
    elif source.startswith(("http://", "https://")) and " " not in source:
        made = await extractions.extract_page(asked.member, Wanted(url=source), schema.name)
    else:
        made = await extractions.extract_text(asked.member, source, schema.name)
    return _told(asked, schema, made)


async def _stored(asked: Asked, given: Incoming) -> str:
    upload = Upload(name=given.name, media_type=given.media_type, content=await given.load())
    return (await asked.services.files.store(asked.member, upload.name, upload.media_type, upload.content)).id


def _parted(argument: str, schemas: Sequence[SchemaSummary]) -> tuple[SchemaSummary | None, str]:
    """Part the name of a schema from what it is applied to; the first word, or all of it."""
    word, *rest = argument.split(maxsplit=1)[:2] or [""]
    for one in schemas:
        if argument.casefold() in {one.name.casefold(), one.title.casefold()}:
            return one, ""
        if word.casefold() == one.name.casefold():
            return one, "".join(rest)
    return None, argument


def _choice(schemas: Sequence[SchemaSummary], source: str, question: str) -> Reply:
    """Ask for the schema: the workspace's own come first."""
    if not schemas:
        raise InvalidError("There are no schemas here. Make one in Patchdeck first.")
    ordered = sorted(schemas, key=lambda one: one.starter)[:_MOST_BUTTONS]
    return Reply(
        text=question, buttons=[Button(one.title or one.name, f"extract {one.name} {source}") for one in ordered]
    )


def _told(asked: Asked, schema: SchemaSummary, made: Extraction) -> Reply:
    found = {name: field for name, field in made.fields.items() if field.value is not None}
    title = schema.title or schema.name
    lines = [f"{title}: {len(found)} of {len(made.fields)} fields found."]
    if len(made.records) > 1:
        lines.append(f"There are {len(made.records)} records; this is the first.")
    lines += [f"- {problem.path}: {clipped(problem.message, 200)}" for problem in made.problems[:5]]
    lines.append(asked.link(f"extractions/{made.id}"))
    rows = [(name, _value(field.value), f"{field.confidence:.0%}") for name, field in list(found.items())[:_MOST_ROWS]]
    whole = len(made.records) < 2 and not any(isinstance(field.value, (list, dict)) for field in found.values())
    return Reply(
        text="\n".join(lines),
        table=Table(("Field", "Value", "Sure"), rows) if rows else None,
        files=[] if whole and len(found) <= _MOST_ROWS else [_record(schema.name, made)],
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} rows"
    if isinstance(value, dict):
        return clipped(", ".join(str(inner) for inner in value.values() if inner is not None))
    return clipped(value)


def _record(name: str, made: Extraction) -> Attachment:
    content = msgspec.json.format(msgspec.json.encode(made.records or [made.record]), indent=2)
    return Attachment(name=f"{name}.json", media_type="application/json", content=content)


def _together(replies: Sequence[Reply]) -> Reply:
    """Make one reply of several; of more than one document the tables are in the files."""
    if len(replies) == 1:
        return replies[0]
    return Reply(
        text="\n\n".join(reply.text for reply in replies), files=[file for reply in replies for file in reply.files]
    )
