"""A schema taken over from YAML or JSON Schema; what it says that cannot be said here is named before it is stored."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from nicegui import events, ui

from hub.errors import HubError, Problem
from hub.extraction.schemas.document import Imported, dump_schema, import_schema
from hub.members import Member
from hub.text import count, say
from ui.pieces import button, card, div, note, pill, words
from ui.visit import Visit, complain

LARGEST = 500_000
# Read in the browser, as a schema is not kept as a file; the same file may be chosen again.
READ = f"""(event) => {{
  const file = event.target.files[0];
  event.target.value = "";
  if (file) file.size > {LARGEST} ? emit(null) : file.text().then(emit);
}}"""
MOST = 300


class Import:
    """The page while it is looked at: the text, what it says, and what is lost of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def draw(self) -> None:
        """Draw where the text comes from and what was read of it."""
        with div("pd-stack"), div("pd-card pd-pad pd-stack"):
            with div("pd-drop-area"):
                chosen = ui.element("input").props("type=file accept='.yaml,.yml,.json'").classes("pd-sr")
                chosen.props["data-testid"] = "schema-file"
                chosen.on("change", self._take, js_handler=READ)
                words(say("schema.file"), "pd-drop-choose", "label").props["for"] = chosen.html_id
            self._text = ui.textarea(say("schema.paste")).props("outlined input-class='pd-mono'").mark("schema-text")
            self._text.props("input-style='min-height: 220px'").props["data-testid"] = "schema-text"
            with div("pd-actions"):
                button(say("schema.read"), "read-schema", self._read, kind="primary", icon="file_open")
        self._told = div("pd-stack").style("margin-top: 16px").props("role=status")

    def _take(self, event: events.GenericEventArguments) -> None:
        """Take the text of a file, which the browser has read."""
        if not isinstance(event.args, str):
            complain(say("schema.file_too_large"))
        elif "\ufffd" in event.args:
            complain(say("schema.not_text"))
        else:
            self._text.value = event.args
            self._read()

    def _read(self) -> None:
        """Show what the text says, and what of it is lost or wrong."""
        self._told.clear()
        with self._told:
            try:
                found = import_schema(str(self._text.value or ""))
            except HubError as error:
                with note("bad", "error", error.message):
                    pass
                _listed(say("schema.mend"), error.errors, "import-problems")
                return
            self._show(found)

    def _show(self, found: Imported) -> None:
        spec = found.schema.spec
        if found.losses:
            _listed(count("schema.losses", len(found.losses)), found.losses, "losses")
        else:
            with note("ok", "check_circle", say("schema.no_losses")):
                pass
        with card(count("schemas.fields", len(spec.fields))), div("pd-stack"):
            with div("pd-line"):
                for field in spec.fields[:MOST]:
                    pill(f"{field.title or field.name}: {say(f'schemas.type_{field.type}')}")
            name = ui.input(say("schema.about_name"), value=found.schema.name).props("outlined dense")
            name.mark("about-name").props["hint"] = say("schema.about_name_hint")
            name.props["data-testid"] = "import-name"

            async def store(member: Member) -> None:
                metadata = msgspec.structs.replace(found.schema.metadata, name=str(name.value or "").strip())
                text = dump_schema(msgspec.structs.replace(found.schema, metadata=metadata))
                made = await self._visit.services.schemas.create(member, text, _said(found.losses))
                ui.navigate.to(f"/schemas/{made.id}")

            with div("pd-actions"):
                button(say("schema.store"), "store-import", self._visit.does(store), kind="primary", icon="save")


def _said(losses: Sequence[Problem]) -> str:
    return count("schema.imported_note", len(losses)) if losses else say("schema.imported")


def _listed(title: str, problems: Sequence[Problem], mark: str) -> None:
    if not problems:
        return
    with card(title, pad=False), div("pd-rows").props(f"data-testid={mark}"):
        for one in problems[:MOST]:
            with div("pd-row pd-cols-pair"), div("pd-stack").style("gap: 2px"):
                words(one.path or "/", "pd-mono pd-strong")
                words(one.message, "pd-soft")
        if len(problems) > MOST:
            words(count("values.more", len(problems) - MOST), "pd-pad pd-muted")
