"""Extractions: schemas applied to sources, each value with where it stands; and a place to try one."""

from __future__ import annotations

from nicegui import events, ui

from hub.extraction.history import ExtractionSummary
from hub.extraction.results import Extraction
from hub.files import Upload
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import dialog
from ui.evidence import evidence_table
from ui.frame import crumbs, page
from ui.pieces import (
    button,
    card,
    div,
    duration,
    empty,
    heading,
    link_button,
    moment,
    note,
    older,
    pill,
    row,
    state,
    symbol,
    words,
)
from ui.services import Services
from ui.values import value_box
from ui.visit import Visit

LARGEST = 50 * 1024 * 1024


def create(services: Services) -> None:
    """Serve the pages at /extractions and /extractions/{extraction}."""

    @page("/extractions", services, "extractions", say("nav.extractions"))
    async def extractions_page(visit: Visit) -> None:
        found = await services.extractions.list(visit.opened_by, cursor=visit.asked("cursor") or None)
        with heading(say("nav.extractions"), say("extractions.sub")):
            if visit.may(Verb.EXTRACT):
                button(
                    say("extractions.try"), "try-extraction", lambda: _try(visit), kind="primary", icon="upload_file"
                )
        with card(pad=False):
            if not found.items:
                empty("document_scanner", say("extractions.none"), say("extractions.none_text"))
                return
            for one in found.items:
                _row(one)
            older(found.cursor, "/extractions")

    @page("/extractions/{extraction}", services, "extractions", say("nav.extractions"))
    async def extraction_page(visit: Visit) -> None:
        found = await services.extractions.find(visit.opened_by, visit.named("extraction"))
        crumbs((say("nav.extractions"), "/extractions"), (found.schema.name, visit.path))
        sub = say("extractions.made", read=duration(found.timing_ms.read), extract=duration(found.timing_ms.extract))
        with heading(found.schema.name, sub, icon="document_scanner", tone="wait"):
            file = next((proof.file for field in found.fields.values() for proof in field.evidence if proof.file), "")
            if file.startswith("fil_"):
                link_button(say("extractions.file"), f"/api/v1/files/{file}/content", "download-file", icon="download")
        _result(found)


def _row(one: ExtractionSummary) -> None:
    with row("data", f"/extractions/{one.id}", one.schema, f"extraction {one.id}"):
        symbol("document_scanner", "wait")
        with div("pd-grow"):
            words(one.schema, "pd-strong pd-clip")
            words(say("recipe.version", number=one.version), "pd-muted pd-small")
        with div("pd-wide"):
            words(one.model or one.engine, "pd-soft pd-small")
        with div():
            if one.problems:
                pill(count("editor.problems", one.problems), alert=True)
            else:
                state(one.status)
        with div("pd-stay pd-wide"):
            moment(one.created_at)


def _result(found: Extraction) -> None:
    with div("pd-stack-wide pd-tall"):
        for problem in found.problems:
            with note("wait", "rule", problem.message, problem.path):
                pass
        with card(say("extractions.fields")):
            evidence_table(found)
        for number, record in enumerate(found.records, 1):
            with card(say("extractions.record", number=number)):
                value_box(record, f"record-{number}")


async def _try(visit: Visit) -> None:
    """Take a file and show at once what was found."""
    schemas = [one.name for one in (await visit.services.schemas.list(visit.opened_by)).items]
    with dialog(say("extractions.try"), say("extractions.try_text")) as opened:
        chosen = ui.select(
            schemas, value="invoice" if "invoice" in schemas else schemas[0], label=say("extractions.schema")
        )
        chosen.props("outlined").mark("schema").style("width: 100%")
        waiting = div()

        async def taken(event: events.UploadEventArguments) -> None:
            file = event.file
            content = await file.read()

            async def extract(member: Member) -> None:
                with waiting:
                    words(say("extractions.reading", name=file.name), "pd-soft")
                    ui.linear_progress(show_value=False).props("indeterminate rounded")
                made = await visit.services.extractions.extract_upload(
                    member,
                    Upload(name=file.name, media_type=file.content_type, content=content),
                    str(chosen.value),
                )
                opened.close()
                ui.navigate.to(f"/extractions/{made.id}")

            if not await visit.try_to(extract):
                waiting.clear()

        ui.upload(on_upload=taken, auto_upload=True, max_file_size=LARGEST, label=say("sample.drop")).props(
            "flat"
        ).mark("file")
