"""What can be done with an extraction: taken along, tagged, made again, deleted."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from hub.members import Member, Verb
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.extraction_view import ExtractionView
from ui.pieces import div, round_button, words
from ui.visit import Visit, tell

Entry = tuple[str, str, str, Callable[[], object]]


def actions(visit: Visit, view: ExtractionView) -> None:
    """Draw the buttons above an extraction."""
    _menu(visit, view)


def _menu(visit: Visit, view: ExtractionView) -> None:
    found = view.found
    address = f"/api/v1/extractions/{found.id}"
    entries: list[Entry] = []
    if found.file.startswith("fil_"):
        file = f"/api/v1/files/{found.file}/content"
        entries.append(("download", say("extractions.file"), "download-file", lambda: ui.download.from_url(file)))
    entries.append(("data_object", say("extraction.as_json"), "export-json", lambda: ui.download.from_url(address)))
    if visit.may(Verb.EDIT_DATASETS):
        entries.append(("delete", say("extraction.delete"), "delete-extraction", lambda: _delete(visit, view)))
    with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
        for icon, label, mark, act in entries:
            with ui.menu_item(on_click=act).mark(mark).props(f"data-testid={mark}"), div("pd-line"):
                ui.icon(icon, size="18px").classes("pd-muted").props("aria-hidden=true")
                words(label, tag="span")


def _delete(visit: Visit, view: ExtractionView) -> None:
    with dialog(say("extraction.delete"), say("extraction.delete_text")) as opened:
        files = ui.checkbox(say("extraction.delete_file")).mark("delete-file")

        async def delete(member: Member) -> None:
            await visit.services.extractions.delete(member, [view.found.id], files=bool(files.value))
            opened.close()
            tell(say("extraction.deleted"))
            ui.navigate.to("/extractions")

        answer_buttons(opened, say("extraction.delete"), visit.does(delete), kind="danger-full")
