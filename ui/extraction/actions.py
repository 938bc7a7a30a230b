"""What can be done with an extraction: judged, tagged, made again, taken along, deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import get_args

import msgspec
from nicegui import ui

from hub.extraction.engines import EngineName
from hub.extraction.history import ExtractionSummary, Selection
from hub.extraction.learning.corrections import Verdict
from hub.members import Member, Verb
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.extraction.view import ExtractionView
from ui.pieces import button, div, pill, round_button, words
from ui.schemas.golden_adding import add_extraction
from ui.visit import Visit, tell

Entry = tuple[str, str, str, Callable[[], object]]
ICONS: dict[Verdict, str] = {"correct": "thumb_up", "incorrect": "thumb_down"}


def actions(visit: Visit, view: ExtractionView, about: ExtractionSummary) -> None:
    """Draw the buttons above an extraction."""
    for tag in about.tags:
        pill(tag)
    if visit.may(Verb.REVIEW):
        _verdicts(visit, view, about.verdict)
    if visit.may(Verb.EXTRACT) and view.found.file.startswith("fil_"):
        button(say("extraction.again"), "repeat", lambda: _repeat(visit, view), icon="replay")
    _menu(visit, view, about)


def _verdicts(visit: Visit, view: ExtractionView, chosen: str | None) -> None:
    """Let people say whether all of it is right; what they say is counted, and teaches."""
    with div("pd-verdicts").props("role=group") as group:
        group.props["aria-label"] = say("extraction.verdict")
        made = {verdict: _verdict(verdict, chosen) for verdict in ICONS}

    def judges(verdict: Verdict) -> Callable[..., Awaitable[None]]:
        async def judge(member: Member) -> None:
            await view.take(await visit.services.corrections.confirm(member, view.found.id, verdict))
            for name, one in made.items():
                _press(one, name, verdict)
            tell(say(f"extraction.judged_{verdict}"))

        return visit.does(judge)

    for verdict, one in made.items():
        one.on_click(judges(verdict))


def _verdict(verdict: Verdict, chosen: str | None) -> ui.button:
    made = button(say(f"extractions.verdict_{verdict}"), f"verdict-{verdict}", None, icon=ICONS[verdict])
    _press(made, verdict, chosen)
    return made


def _press(made: ui.button, verdict: str, chosen: str | None) -> None:
    made.props["aria-pressed"] = "true" if verdict == chosen else "false"
    made.update()


def _menu(visit: Visit, view: ExtractionView, about: ExtractionSummary) -> None:
    found = view.found
    address = f"/api/v1/extractions/{found.id}"
    entries: list[Entry] = []
    if visit.may(Verb.EXTRACT):
        entries.append(("sell", say("extraction.tag"), "tag", lambda: _tag(visit, view, about)))
    if found.reading:
        reading = f"/readings/{found.reading}?rotate={view.settings.reading.rotate}"
        entries.append(("article", say("extraction.reading"), "to-reading", lambda: ui.navigate.to(reading)))
    if found.file.startswith("fil_"):
        file = f"/api/v1/files/{found.file}/content"
        entries.append(("download", say("extractions.file"), "download-file", lambda: ui.download.from_url(file)))
    name = f"{found.schema.name}-{found.id}.json"
    entries.append(
        ("data_object", say("extraction.as_json"), "export-json", lambda: ui.download.from_url(address, name))
    )
    if found.file.startswith("fil_"):
        entries.append(("table_view", say("extraction.as_csv"), "export-csv", lambda: _csv(visit, view)))
    if visit.may(Verb.EDIT_SCHEMAS) and found.file.startswith("fil_"):
        icon = "workspace_premium"
        entries.append((icon, say("golden.add_this"), "to-golden", lambda: add_extraction(visit, found)))
    if visit.may(Verb.EDIT_DATASETS):
        entries.append(("delete", say("extraction.delete"), "delete-extraction", lambda: _delete(visit, view)))
    with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
        for icon, label, mark, act in entries:
            with ui.menu_item(on_click=act).mark(mark).props(f"data-testid={mark}"), div("pd-line"):
                ui.icon(icon, size="18px").classes("pd-muted").props("aria-hidden=true")
                words(label, tag="span")


async def _csv(visit: Visit, view: ExtractionView) -> None:
    """Send what was extracted from the file with this schema, a row for each record."""

    async def send(member: Member) -> None:
        wanted = Selection(schema=view.found.schema.name, id=view.found.id)
        content = await visit.services.extractions.export(member, wanted)
        ui.download.content(content, f"{view.found.schema.name}-{view.found.id}.csv", "text/csv")

    await visit.try_to(send)


def _tag(visit: Visit, view: ExtractionView, about: ExtractionSummary) -> None:
    with dialog(say("extraction.tag"), say("extraction.tag_text")) as opened:
        chips = ui.input_chips(value=list(about.tags), label=say("extraction.tags"), new_value_mode="add-unique")
        chips.props("outlined data-testid=tags").mark("tags").style("width: 100%")

        async def keep(member: Member) -> None:
            await visit.services.extractions.tag(member, view.found.id, chips.value)
            opened.close()
            ui.navigate.to(f"/extractions/{view.found.id}")

        answer_buttons(opened, say("extraction.keep"), visit.does(keep))


def _repeat(visit: Visit, view: ExtractionView) -> None:
    """Ask what to do differently, extract again, and show both side by side."""
    settings = view.settings
    engines = {name: say(f"extraction.engine_{name}") for name in get_args(EngineName)}
    with dialog(say("extraction.again"), say("extraction.again_text")) as opened:
        engine = (
            ui.select(engines, value=settings.engine, label=say("upload.engine"))
            .props("outlined")
            .mark("repeat-engine")
        )
        engine.style("width: 100%")
        waiting = div()

        async def repeat(member: Member) -> None:
            with waiting:
                ui.linear_progress(show_value=False).props("indeterminate rounded")
            wanted = msgspec.structs.replace(settings, engine=engine.value)
            made = await visit.services.extractions.repeat(member, view.found.id, wanted)
            opened.close()
            ui.navigate.to(f"/extractions/compare?first={view.found.id}&second={made.id}")

        async def tried() -> None:
            if not await visit.try_to(repeat):
                waiting.clear()

        answer_buttons(opened, say("extraction.again"), tried)


def _delete(visit: Visit, view: ExtractionView) -> None:
    with dialog(say("extraction.delete"), say("extraction.delete_text")) as opened:
        files = ui.checkbox(say("extraction.delete_file")).mark("delete-file")

        async def delete(member: Member) -> None:
            await visit.services.extractions.delete(member, [view.found.id], files=bool(files.value))
            opened.close()
            tell(say("extraction.deleted"))
            ui.navigate.to("/extractions")

        answer_buttons(opened, say("extraction.delete"), visit.does(delete), kind="danger-full")
