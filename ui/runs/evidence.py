"""Where extracted values come from: field by field, with confidence, engine, page and the words on it."""

from __future__ import annotations

import msgspec

from hub.extraction.readers.options import Options
from hub.extraction.results import Evidence, Extraction, FieldResult
from hub.extraction.schemas.fields import Schema
from hub.extraction.views import ReadingView
from hub.text import say
from ui.extraction.document_view import DocumentView, marks_of
from ui.extraction.fields import Fields
from ui.extraction.page import name_of, reading_of, schema_of
from ui.pieces import div, pill, words
from ui.values import brief
from ui.visit import Visit

SURE = 0.85
DOUBTFUL = 0.6


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What an extraction was made from, as far as it is still there."""

    name: str
    reading: ReadingView | None
    told: Options
    schema: Schema | None


async def source_of(visit: Visit, extraction: Extraction) -> Source:
    """Fetch what the evidence of an extraction is shown on."""
    settings = await visit.services.extractions.settings(await visit.member(), extraction.id)
    return Source(
        name=await name_of(visit, extraction) or extraction.schema.name,
        reading=await reading_of(visit, extraction),
        told=settings.reading,
        schema=await schema_of(visit, extraction.schema.name),
    )


def evidence(extraction: Extraction, source: Source) -> None:
    """Draw the source with the places of the values marked on its pages, and below the values field by field."""
    if source.reading is not None:
        with div("pd-source"):
            view = DocumentView(source.reading, name=source.name, told=source.told)
        view.show(list(marks_of(extraction.fields, Fields(source.schema))))
    else:
        words(say("evidence.no_source"), "pd-muted pd-small")
    evidence_table(extraction)


def evidence_table(extraction: Extraction) -> None:
    """Draw the fields of an extraction; what was not found stands at the end."""
    fields = sorted(extraction.fields.items(), key=lambda pair: pair[1].value is None)
    with div("pd-grid-table pd-evidence").props("tabindex=0").mark("evidence"), div(tag="table"):
        with div(tag="thead"), div(tag="tr"):
            for name in ("field", "value", "confidence", "found", "engine"):
                words(say(f"evidence.{name}"), tag="th")
        with div(tag="tbody"):
            for path, found in fields:
                with div(tag="tr"):
                    _field(path, found)


def _field(path: str, found: FieldResult) -> None:
    words(path, "pd-key", "td")
    with div(tag="td"):
        words(brief(found.value, 400), "pd-strong" if found.value is not None else "pd-muted")
        for problem in found.problems:
            words(problem.message, "pd-bad pd-small")
    with div(tag="td"):
        if found.value is not None:
            confidence(found.confidence)
    with div(tag="td"):
        for one in found.evidence[:3]:
            with div("pd-line pd-tight"):
                pill(_place(one))
                words(f"“{brief(one.text, 90)}”" if one.text else "", "pd-small pd-soft", "span")
    words(found.engine or "", "pd-muted pd-small", "td")


def confidence(share: float) -> None:
    """Show how sure an engine is."""
    tone = "ok" if share >= SURE else "wait" if share >= DOUBTFUL else "bad"
    with div("pd-confidence", "span"):
        with div("pd-meter", "span").props("aria-hidden=true"):
            div(f"pd-tone-{tone}", "span").style(f"width: {share * 100:.0f}%")
        words(f"{share:.0%}", "pd-number pd-small", "span")


def _place(one: Evidence) -> str:
    if one.page is not None and one.box is not None:
        box = ", ".join(f"{edge:.0f}" for edge in one.box)
        return say("evidence.box", page=one.page, box=box)
    if one.page is not None:
        return say("evidence.page", page=one.page)
    if one.characters is not None:
        return say("evidence.characters", first=one.characters[0], last=one.characters[1])
    return one.selector or say("evidence.document")
