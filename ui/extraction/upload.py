"""Extracting from documents: drop one or many, say how to read them where that matters, and follow what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from nicegui import events, ui

from hub.errors import HubError
from hub.extraction.service import Keep
from hub.members import Member, Verb
from hub.text import count, say
from ui.dropping import Dropping
from ui.extraction.crop import crop_dialog
from ui.extraction.intake import Intake, Taken
from ui.extraction.other_sources import pasted_text, web_pages
from ui.extraction.templates import keep_template
from ui.frame import crumbs, page
from ui.pieces import button, card, div, heading, link_button, note, pill, round_button, symbol, words
from ui.services import Services
from ui.visit import Visit, sentence_of

AT_ONCE = 2
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "da", "sv", "nb", "fi", "hu", "ro", "tr", "uk")
ENGINES = ("auto", "local", "llm")
TONES = {"done": "ok", "failed": "bad", "working": "run"}
USUAL = "invoice"
SOURCES = ("files", "web", "text")


def create(services: Services) -> None:
    """Serve the page at /extractions/new."""

    @page("/extractions/new", services, "extractions", say("extractions.try"))
    async def upload_page(visit: Visit) -> None:
        crumbs((say("nav.extractions"), "/extractions"), (say("extractions.try"), visit.path))
        with heading(say("extractions.try"), say("upload.sub")):
            pass
        if not visit.may(Verb.EXTRACT):
            with note("wait", "lock", say("upload.no_right")):
                pass
            return
        await UploadPage(visit).draw()


class UploadPage:
    """The page while it is looked at: what was dropped, and how far it is."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._room = asyncio.Semaphore(AT_ONCE)

    async def draw(self) -> None:
        """Draw what to choose, where to drop, and the files."""
        schemas = (await self._visit.services.schemas.list(self._visit.opened_by, limit=200)).items
        names = {one.name: one.title or one.name for one in schemas}
        asked = self._visit.asked("schema")
        name, _, number = asked.partition("@")
        if number and name in names:
            names[asked] = say("upload.version", title=names[name], number=number)
        self._intake = Intake(asked if asked in names else USUAL if USUAL in names else next(iter(names)))
        with div("pd-two"):
            with div("pd-stack"):
                with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
                    for name in SOURCES:
                        ui.tab(name, label=say(f"upload.from_{name}")).mark(f"from-{name}")
                with ui.tab_panels(tabs, value="files", animated=False):
                    with ui.tab_panel("files"):
                        self._drop()
                    with ui.tab_panel("web"):
                        web_pages(self._visit, self._intake, self._show)
                    with ui.tab_panel("text"):
                        pasted_text(self._visit, self._intake)
                self._list = div("pd-stack")
                with div("pd-actions"):
                    self._go = button(say("upload.extract"), "extract", self._extract, kind="primary")
                self._go.set_visibility(False)
            with card(say("upload.how")):
                await self._settings(names)

    def _drop(self) -> None:
        async def stored(file: str) -> None:
            async def take(member: Member) -> None:
                kept = await self._visit.services.files.describe(member, file)
                if all(one.file.id != kept.id for one in self._intake.files):
                    self._intake.files.append(Taken(file=kept))
                    self._show()

            await self._visit.try_to(take)

        self._dropping = Dropping("drop", stored, self._offer)

    async def _settings(self, names: dict[str, str]) -> None:
        intake = self._intake
        schema = ui.select(names, label=say("upload.schema"), with_input=len(names) > 8)
        _kept(schema, intake, "schema").props("outlined data-testid=schema").mark("schema")
        templates = await self._visit.services.templates.list(self._visit.opened_by)
        if templates:
            by_name = {one.name: one for one in templates}

            def apply(event: events.ValueChangeEventArguments[str | None]) -> None:
                chosen = by_name.get(event.value or "")
                if chosen:
                    intake.settings = chosen.settings
                    schema.value, engine.value = chosen.schema, chosen.settings.engine

            ui.select(
                {one.name: one.title or one.name for one in templates}, label=say("upload.template"), clearable=True,
                on_change=apply,
            ).props("outlined").mark("template")  # fmt: skip
        engines = {name: say(f"extraction.engine_{name}") for name in ENGINES}
        engine = ui.select(engines, label=say("upload.engine"))
        _kept(engine, intake, "engine").props("outlined").mark("engine")
        languages = {"": say("upload.any_language"), **{code: say(f"language.{code}") for code in LANGUAGES}}
        spoken = ui.select(languages, label=say("upload.language")).props("outlined").mark("language")
        _kept(spoken, intake, "language")
        words(say("upload.language_text"), "pd-muted pd-small")
        folded = ui.expansion(say("form.advanced"), icon="tune").props("dense").style("width: 100%").mark("advanced")
        with folded, div("pd-stack").style("padding-top: 8px"):
            self._rarely_needed(engines)

    def _rarely_needed(self, engines: dict[str, str]) -> None:
        """Draw what is for trying things out, and the way to keep all of it as a template."""
        visit, intake = self._visit, self._intake
        other = ui.select({"": say("upload.no_other"), **engines}, label=say("upload.against"))
        _kept(other, intake, "against").props("outlined data-testid=against").mark("against")
        shown = ui.switch(say("upload.vision")).mark("vision")
        shown.on_value_change(lambda event: setattr(intake, "vision", event.value))
        preview = ui.switch(say("upload.preview")).mark("preview").props("data-testid=preview")
        preview.on_value_change(lambda event: setattr(intake, "preview", event.value))
        if visit.may(Verb.EDIT_SCHEMAS):
            button(
                say("upload.keep_template"), "keep-template", lambda: keep_template(visit, intake), icon="bookmark_add"
            )
            link_button(say("templates.title"), "/templates", "to-templates", kind="quiet")

    def _show(self) -> None:
        """Draw the files and what can be done with them all."""
        self._list.clear()
        with self._list:
            if self._intake.files:
                with card(pad=False):
                    for one in self._intake.files:
                        self._row(one)
        self._offer()

    def _offer(self) -> None:
        """Let nothing be extracted before all that was dropped has come."""
        coming = self._dropping.coming
        waiting = len(self._intake.waiting) + coming
        self._go.set_visibility(waiting > 0)
        self._go.set_enabled(not coming)
        self._go.set_text(count("upload.extract_them", waiting))

    def _row(self, taken: Taken) -> None:
        with div("pd-row pd-cols-taken").mark(f"taken {taken.file.name}"):
            symbol(_icon(taken.file.media_type), TONES.get(taken.state, "accent"))
            with div("pd-grow"):
                words(taken.file.name, "pd-strong pd-clip")
                words(_told(taken), "pd-bad pd-small" if taken.state == "failed" else "pd-muted pd-small")
                if taken.state == "working":
                    progress = ui.linear_progress(show_value=False).props("indeterminate rounded")
                    progress.props["aria-label"] = _told(taken)
                if taken.asks_password:
                    self._password(taken)
            with div("pd-line pd-tight pd-wide"):
                if taken.reading.rotate or taken.reading.crop:
                    pill(say("upload.trimmed"))
            with div("pd-line pd-tight"):
                self._offers(taken)

    def _offers(self, taken: Taken) -> None:
        if taken.state == "done":
            link_button(say("upload.look"), f"/extractions/{taken.extraction}", f"look {taken.file.name}")
            return
        if taken.state != "working":
            if taken.is_picture:
                round_button("crop_rotate", say("upload.trim"), f"trim {taken.file.name}", self._trims(taken))
            round_button("close", say("upload.leave"), f"leave {taken.file.name}", lambda: self._leave(taken))

    def _trims(self, taken: Taken) -> Callable[[], object]:
        async def trim() -> None:
            await crop_dialog(self._visit, taken, self._show)

        return trim

    def _password(self, taken: Taken) -> None:
        given = ui.input(say("upload.password"), password=True, password_toggle_button=True)
        given.props("outlined dense autocomplete=off").mark("password").style("max-width: 260px; margin-top: 8px")
        given.props["data-testid"] = "document-password"

        async def again() -> None:
            taken.reading = msgspec.structs.replace(taken.reading, password=given.value or None)
            await self._extract_one(taken)

        given.on("keydown.enter", again)

    def _leave(self, taken: Taken) -> None:
        self._intake.files.remove(taken)
        self._show()

    async def _extract(self) -> None:
        """Extract from one file here and show it; give many to a batch, which goes on without this page."""
        batch = self._intake.as_batch()
        if batch:

            async def begin(member: Member) -> None:
                made = await self._visit.services.batches.create(member, batch)
                ui.navigate.to(f"/batches/{made.id}")

            await self._visit.try_to(begin)
            return
        await asyncio.gather(*(self._extract_one(one) for one in self._intake.waiting))

    async def _extract_one(self, taken: Taken) -> None:
        async def extract(member: Member) -> None:
            async with self._room:
                made = await self._visit.services.extractions.extract_file(
                    member,
                    taken.file.id,
                    self._intake.schema,
                    self._intake.choice(taken),
                    Keep(preview=self._intake.preview),
                )
            taken.state, taken.extraction = "done", made.id

        taken.state, taken.message = "working", ""
        self._show()
        try:
            await extract(await self._visit.member())
        except HubError as error:
            taken.state, taken.message = "failed", sentence_of(error)
        self._show()
        if taken.state == "done" and len(self._intake.files) == 1:
            with self._list:
                ui.navigate.to(f"/extractions/{taken.extraction}")


def _kept(chosen: ui.select, intake: Intake, name: str) -> ui.select:
    """Show what the intake has, and let it have what is chosen."""
    chosen.value = getattr(intake, name)
    chosen.on_value_change(lambda event: setattr(intake, name, event.value))
    return chosen


def _told(taken: Taken) -> str:
    if taken.state == "failed":
        return taken.message
    if taken.state == "working":
        return say("upload.reading")
    return say("upload.done") if taken.state == "done" else say("upload.ready", size=_size(taken.file.size))


def _size(count_of_bytes: int) -> str:
    return f"{count_of_bytes / 2**20:.1f} MB" if count_of_bytes >= 2**20 else f"{max(1, count_of_bytes // 1024)} KB"


def _icon(media_type: str) -> str:
    if media_type.startswith("image/"):
        return "image"
    if media_type.startswith("audio/"):
        return "mic"
    return "picture_as_pdf" if media_type == "application/pdf" else "description"
