"""The golden set of a schema: documents whose records are known, and what versions must reach on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from nicegui import ui

from hub.errors import InvalidError, Problem
from hub.extraction.engines import EngineName
from hub.extraction.golden.kept import GoldenDocument, GoldenReport, GoldenRow, GoldenSet, GoldenSettings
from hub.extraction.golden.service import Addition
from hub.extraction.schemas.views import SchemaView
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import answer_buttons, confirm, dialog
from ui.pieces import button, card, div, empty, moment, note, pill, round_button, state, words
from ui.schemas.golden_adding import add_from_extractions
from ui.values import brief, rows_table
from ui.visit import Visit


async def golden_tab(visit: Visit, schema: SchemaView) -> None:
    """Draw the golden set with the report of its last check."""
    box = div("pd-stack")
    await GoldenTab(visit, schema, box).show(visit.opened_by)


class GoldenTab:
    """The tab while it is looked at; drawn again after everything that changes the set."""

    def __init__(self, visit: Visit, schema: SchemaView, box: ui.element) -> None:
        self._visit = visit
        self._name = schema.name
        self._box = box
        self._may = visit.may(Verb.EDIT_SCHEMAS)

    async def show(self, member: Member) -> None:
        """Draw the set as it is now."""
        found = await self._visit.services.golden.find(member, self._name)
        self._box.clear()
        with self._box:
            words(say("golden.sub"), "pd-soft")
            with div("pd-two"):
                with div("pd-stack"):
                    self._documents(found)
                with div("pd-stack"):
                    if found.last:
                        _report(found.last)
                    with card(say("golden.demands")):
                        self._settings(found.settings)

    def _documents(self, found: GoldenSet) -> None:
        with div("pd-spread"):
            words(count("golden.documents", len(found.documents)), tag="h3")
            with div("pd-actions"):
                if self._may:
                    button(say("golden.add"), "golden-add", self._add, icon="add")
                if found.documents and self._visit.may(Verb.EXTRACT):
                    button(say("golden.try"), "golden-try", self._try_out, kind="primary", icon="fact_check")
        self._busy = div().props("role=status")
        with card(pad=False):
            if not found.documents:
                empty("workspace_premium", say("golden.none"), say("golden.none_text"))
            results = {one.id: one for one in found.last.documents} if found.last else {}
            for document in found.documents:
                self._document(document, results)

    def _document(self, document: GoldenDocument, results: Mapping[str, GoldenRow]) -> None:
        result = results.get(document.id)
        with div("pd-schema-version") as box:
            box.props["data-testid"] = f"golden {document.name}"
            with div("pd-spread"):
                with div("pd-line pd-grow"):
                    words(document.name, "pd-strong pd-clip", "span")
                    pill(count("golden.records", len(document.records)))
                    if document.is_gone:
                        pill(say("golden.gone"), alert=True)
                    if result:
                        tone = "ok" if not result.wrong and not result.problem else "refused"
                        state(tone, say("golden.right", right=result.right, fields=result.fields))
                if self._may:
                    with div("pd-line pd-tight"):
                        label = say("golden.edit", name=document.name)
                        round_button("edit", label, f"edit {document.name}", lambda: self._edit(document))
                        label = say("golden.remove", name=document.name)
                        round_button("close", label, f"remove {document.name}", lambda: self._remove(document))
            if document.note:
                words(document.note, "pd-soft")
            if result:
                _wrong(result)
            with ui.expansion(say("golden.expected")).props("dense").style("width: 100%"):
                for record in document.records:
                    words(_json(record), "pd-pre", "pre")

    def _settings(self, settings: GoldenSettings) -> None:
        with div("pd-stack"):
            share = ui.number(say("golden.threshold"), value=round(settings.threshold * 100, 2), min=1, max=100)
            share.props("outlined dense suffix=% data-testid=threshold").mark("threshold")
            engines = {name: say(f"extraction.engine_{name}") for name in get_args(EngineName)}
            engine = ui.select(engines, label=say("upload.engine"), value=settings.engine).props("outlined dense")
            engine.mark("golden-engine")
            required = ui.switch(say("golden.required"), value=settings.required).mark("golden-required")
            required.props["data-testid"] = "golden-required"
            words(say("golden.required_text"), "pd-muted pd-small")
            for one in (share, engine, required):
                one.enabled = self._may

            async def keep(member: Member) -> None:
                wanted = GoldenSettings(
                    threshold=float(share.value or 0) / 100, required=bool(required.value), engine=engine.value
                )
                await self._visit.services.golden.set_up(member, self._name, wanted)

            if self._may:
                with div("pd-actions"):
                    done = say("golden.kept")
                    button(say("golden.keep"), "golden-keep", self._visit.does(keep, done=done))

    async def _add(self) -> None:
        async def ask(member: Member) -> None:
            await add_from_extractions(self._visit, member, self._name, self.show)

        await self._visit.try_to(ask)

    async def _try_out(self) -> None:
        """Check the version that is in use on every document."""
        with self._busy:
            ui.linear_progress(show_value=False).props("indeterminate rounded").props["aria-label"] = say(
                "golden.trying"
            )

        async def try_out(member: Member) -> None:
            await self._visit.services.golden.try_out(member, self._name)
            await self.show(member)

        if not await self._visit.try_to(try_out):
            self._busy.clear()

    def _edit(self, document: GoldenDocument) -> None:
        """Let the expected records be put right, as JSON."""
        with dialog(say("golden.expected"), say("golden.edit_text")) as opened:
            text = ui.textarea(value=_json(document.records)).props("outlined input-class='pd-mono'")
            text.props("input-style='min-height: 280px'").props["aria-label"] = say("golden.expected")
            text.style("width: min(680px, 84vw)").props["data-testid"] = "golden-records"
            said = ui.input(say("schema.note"), value=document.note).props("outlined dense").mark("golden-note")

            async def keep(member: Member) -> None:
                addition = Addition(file=document.file, records=_records(text.value or ""), note=said.value or "")
                await self._visit.services.golden.add(member, self._name, addition)
                opened.close()
                await self.show(member)

            answer_buttons(opened, say("golden.keep"), self._visit.does(keep))

    def _remove(self, document: GoldenDocument) -> None:
        async def remove(member: Member) -> None:
            await self._visit.services.golden.remove(member, self._name, document.id)
            await self.show(member)

        sentence = say("golden.remove_text", name=document.name)
        confirm(self._visit, say("golden.remove_short"), sentence, remove)


def _report(report: GoldenReport) -> None:
    title = say("golden.passed" if report.passed else "golden.missed")
    told = say(
        "golden.told", accuracy=f"{report.accuracy:.1%}", threshold=f"{report.threshold:.1%}", right=report.right,
        fields=report.fields, invented=report.invented,
    )  # fmt: skip
    tone, icon = ("ok", "verified") if report.passed else ("bad", "error")
    with note(tone, icon, title, told):
        moment(report.checked_at)


def _wrong(result: GoldenRow) -> None:
    if result.problem:
        words(result.problem, "pd-bad pd-small")
    if result.wrong:
        titles = [say("golden.field"), say("golden.expected_value"), say("golden.found")]
        rows_table(titles, [[one.path, brief(one.expected), brief(one.actual)] for one in result.wrong])


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _records(text: str) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.DecodeError as error:
        raise InvalidError(say("golden.bad_json"), errors=[Problem("", str(error))]) from error
