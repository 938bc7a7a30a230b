"""Batches: many documents at once, how far they are, and what two ways of extracting make of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction.batches.shapes import Batch, BatchFile
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import confirm
from ui.extraction.compare import differences_table
from ui.extraction.fields import Fields
from ui.extraction.page import schema_of
from ui.extraction.sureness import sureness
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import (
    button,
    card,
    div,
    empty,
    heading,
    link_button,
    moment,
    older,
    pill,
    row,
    state,
    symbol,
    words,
)
from ui.services import Services
from ui.visit import Visit

PAGE = 100


class Progress(msgspec.Struct, frozen=True):
    """A batch with its files, as the page follows them."""

    batch: Batch
    files: Sequence[BatchFile]


def create(services: Services) -> None:
    """Serve the pages at /batches and /batches/{batch}."""

    @page("/batches", services, "extractions", say("batches.title"))
    async def batches_page(visit: Visit) -> None:
        crumbs((say("nav.extractions"), "/extractions"), (say("batches.title"), visit.path))
        found = await services.batches.list(visit.opened_by, cursor=visit.asked("cursor") or None)
        with heading(say("batches.title"), say("batches.sub")):
            if visit.may(Verb.EXTRACT):
                link_button(say("extractions.try"), "/extractions/new", "new", kind="primary", icon="upload_file")
        with card(pad=False):
            if not found.items:
                empty("layers", say("batches.none"), say("batches.none_text"))
                return
            for one in found.items:
                _row(one)
            older(found.cursor, "/batches")

    @page("/batches/{batch}", services, "extractions", say("batches.title"))
    async def batch_page(visit: Visit) -> None:
        batch = await services.batches.find(visit.opened_by, visit.named("batch"))
        name = batch.title or count("batches.documents", batch.files)
        crumbs((say("nav.extractions"), "/extractions"), (say("batches.title"), "/batches"), (name, visit.path))
        await BatchView(visit, batch).draw(name)


class BatchView:
    """One batch, followed while it is worked on."""

    def __init__(self, visit: Visit, batch: Batch) -> None:
        self._visit = visit
        self._batch = batch

    async def draw(self, name: str) -> None:
        """Draw it and follow it."""
        with heading(name, say("batches.with_schema", schema=self._batch.schema)):
            target = f"/api/v1/extractions/export.csv?schema={self._batch.schema}&batch={self._batch.id}"
            link_button(say("extractions.csv"), target, "export-csv", icon="download")
        with div("pd-stack-wide"):
            live = Live(self._look, self._show, busy=lambda one: one.batch.state == "running")
            await live.start()
            if self._batch.against and self._batch.state != "running":
                await self._differences()

    def _acts(self, batch: Batch) -> None:
        """Offer to stop what runs, or to try again what failed."""
        batches = self._visit.services.batches

        async def retry(member: Member) -> None:
            await batches.retry(member, batch.id)

        async def cancel(member: Member) -> None:
            await batches.cancel(member, batch.id)

        if batch.state == "running":
            title, text = say("batches.cancel"), say("batches.cancel_text")
            button(title, "cancel-batch", lambda: confirm(self._visit, title, text, cancel), kind="danger")
        elif batch.failed:
            button(say("batches.retry"), "retry-batch", self._visit.does(retry), icon="replay")

    async def _look(self) -> Progress:
        member, services = await self._visit.member(), self._visit.services
        files = await services.batches.files(
            member, self._batch.id, limit=PAGE, cursor=self._visit.asked("cursor") or None
        )
        return Progress(await services.batches.find(member, self._batch.id), files.items)

    def _show(self, seen: Progress) -> None:
        batch = seen.batch
        settled = batch.files - batch.waiting
        with card(), div("pd-stack"):
            with div("pd-spread"):
                state(batch.state)
                words(say("batches.far", done=batch.done, failed=batch.failed, files=batch.files), "pd-soft pd-number")
            with div("pd-meter").props("role=progressbar aria-valuemin=0") as meter:
                for tone, number in (("ok", batch.done), ("bad", batch.failed)):
                    div(f"pd-tone-{tone}").style(f"width: {number / max(batch.files, 1) * 100:.2f}%")
            meter.props["aria-valuemax"], meter.props["aria-valuenow"] = batch.files, settled
            meter.props["aria-label"] = say("batches.title")
            if self._visit.may(Verb.EXTRACT):
                self._acts(batch)
        with card(pad=False):
            for one in seen.files:
                _file(one)

    async def _differences(self) -> None:
        found = await self._visit.services.batches.compare(self._visit.opened_by, self._batch.id)
        fields = Fields(await schema_of(self._visit, self._batch.schema))
        words(count("compare.files_differ", len(found)), tag="h2")
        for one in found:
            with card(one.name, pad=False):
                differences_table(one.fields, fields, (say("compare.first"), say("compare.second")))


def _row(one: Batch) -> None:
    name = one.title or count("batches.documents", one.files)
    with row("decisions", f"/batches/{one.id}", name, f"batch {one.id}"):
        symbol("layers", "accent")
        with div("pd-grow"):
            words(name, "pd-strong pd-clip")
            words(one.schema, "pd-muted pd-small")
        with div("pd-wide"):
            words(say("batches.far", done=one.done, failed=one.failed, files=one.files), "pd-soft pd-small")
        state(one.state)
        with div("pd-stay"):
            moment(one.created_at)


def _file(one: BatchFile) -> None:
    target = f"/extractions/{one.extraction}" if one.extraction else ""
    with row("batch", target, one.name, f"file {one.position}"):
        symbol("description", {"done": "ok", "failed": "bad", "running": "run"}.get(one.state, ""))
        with div("pd-grow"):
            words(one.name, "pd-strong pd-clip")
            if one.message:
                words(one.message, "pd-bad pd-small" if one.state == "failed" else "pd-soft pd-small")
        with div("pd-wide"):
            if one.problems:
                pill(count("editor.problems", one.problems), alert=True)
        state(one.state)
        with div():
            if one.confidence is not None:
                sureness(one.confidence)
