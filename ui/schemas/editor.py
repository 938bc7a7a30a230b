"""The editor of a schema: its fields as rows beside the YAML of it; saved as a version that is used or only tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from nicegui import ui

from hub.errors import ConflictError, HubError, InvalidError, Problem, StaleError
from hub.extraction.schemas.compare import compare_schemas
from hub.extraction.schemas.document import dump_schema
from hub.extraction.schemas.fields import Metadata, Schema
from hub.extraction.schemas.views import SchemaView
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.code import ANSWERS, code
from ui.live import after_load
from ui.pieces import ago, button, card, div, note, words
from ui.schemas.differences import differences_in_words
from ui.schemas.draft import place_of, written
from ui.schemas.fields import FieldRows
from ui.schemas.refused import refused
from ui.schemas.rules import Rules
from ui.visit import Visit, complain, in_browser, sentence_of, tell

PAUSE = 0.6


class SchemaEditor:
    """One schema's editor; knows which revision it began from, so that nobody's work is written over unseen."""

    def __init__(self, visit: Visit, schema: Schema, view: SchemaView | None = None) -> None:
        self._visit = visit
        self._view = view
        self._revision = view.revision if view else 0
        self._may = visit.may(Verb.EDIT_SCHEMAS) and not (view and view.starter)
        self._schema: Schema | None = schema
        self._text = self._saved = dump_schema(schema)
        self._due: ui.timer | None = None
        self._named: dict[str, ui.input] = {}

    def draw(self) -> None:
        """Draw the fields, what they are about, what holds between them, and the YAML."""
        with div("pd-stack") as self._page:
            self._banner = div("pd-stack")
            with div("pd-two"):
                with div("pd-stack"):
                    self._bar()
                    with card(say("schema.about")):
                        self._about = div("pd-stack")
                    with card(say("schema.fields"), pad=False):
                        self._rows = FieldRows(self._changed_fields, may=self._may)
                    with card(say("schema.rules")):
                        self._rules = Rules(self._changed_rules, may=self._may)
                with div("pd-stack"):
                    self._problems = div("pd-stack").props("role=status")
                    self._yaml()
        self._show_all()
        after_load(self._begin)

    def _bar(self) -> None:
        told = "" if self._visit.may(Verb.EDIT_SCHEMAS) else say("schema.read_only")
        with div("pd-spread"):
            self._status = words(told, "pd-muted pd-small").props("role=status data-testid=save-status")
            if self._may:
                with div("pd-line"):
                    if self._view:
                        button(say("schema.save_to_try"), "save-to-try", lambda: self._ask(activate=False))
                    button(say("schema.save"), "save", lambda: self._ask(activate=True), kind="primary", icon="save")

    def _yaml(self) -> None:
        with card(say("schema.yaml"), pad=False):
            self._code = code(self._visit, self._text, say("schema.yaml"), self._typed)
            self._code.enabled = self._may

    def _metadata(self, schema: Schema) -> None:
        """Draw what people know the schema by."""
        self._about.clear()
        with self._about:
            with div("pd-form-pair"):
                self._about_input("name", schema.metadata.name)
                self._about_input("title", schema.metadata.title)
            self._about_input("description", schema.metadata.description)

    def _about_input(self, name: str, value: str) -> None:
        made = ui.input(say(f"schema.about_{name}"), value=value)
        made.props("outlined dense debounce=250").style("width: 100%").mark(f"about-{name}")
        made.props["data-testid"] = f"about-{name}"
        made.enabled = self._may
        made.on_value_change(lambda event: self._told_about(name, str(event.value or "")))
        self._named[f"metadata.{name}"] = made

    def _told_about(self, name: str, value: str) -> None:
        if self._schema:
            kept: Metadata = msgspec.structs.replace(self._schema.metadata, **{name: value})
            self._changed(msgspec.structs.replace(self._schema, metadata=kept))

    def _show_all(self) -> None:
        found = written(self._text)
        self._schema = found.schema
        self._rows.show(found.schema, found.problems)
        self._rules.show(found.schema, found.problems)
        if found.schema:
            self._metadata(found.schema)
        self._tell_problems(found.problems)

    def _changed_fields(self, schema: Schema) -> None:
        problems = self._changed(schema)
        self._rules.show(schema, problems)

    def _changed_rules(self, schema: Schema) -> None:
        self._changed(schema)
        self._rows.keep(schema)

    def _changed(self, schema: Schema) -> Sequence[Problem]:
        """Write a schema that was changed by hand as text; what is wrong is told where it stands."""
        self._schema, self._text = schema, dump_schema(schema)
        self._code.value = self._text
        problems = written(self._text).problems
        self._rows.keep(schema)
        self._rows.blame(problems)
        self._tell_problems(problems)
        self._status.text = "" if self._text == self._saved else say("schema.unsaved")
        return problems

    def _typed(self) -> None:
        """Read the text anew once its writer pauses."""
        if (self._code.value or "") == self._text:
            return
        self._text = self._code.value or ""
        self._status.text = say("schema.unsaved")
        if self._due is not None:
            self._due.cancel()
        with self._banner:
            self._due = ui.timer(PAUSE, self._show_all, once=True)

    def _tell_problems(self, problems: Sequence[Problem]) -> None:
        """List what belongs to no field; what belongs to one stands there."""
        elsewhere = [one for one in problems if not self._schema or not _has_place(one.path)]
        told = {one.path: one.message for one in problems}
        for path, made in self._named.items():
            made.props["error"], made.props["error-message"] = path in told, told.get(path, "")
            made.update()
        self._problems.clear()
        with self._problems:
            if not problems:
                return
            with note("bad", "error", count("schema.problems", len(problems)), say("schema.problems_text")):
                pass
            for one in elsewhere[:20]:
                words(f"{one.path}: {one.message}" if one.path else one.message, "pd-bad pd-small")

    def _ask(self, *, activate: bool) -> None:
        """Ask for a note and save."""
        if self._view and self._text == self._saved:
            tell(say("schema.unchanged"))
            return
        verb = "schema.save" if activate else "schema.save_to_try"
        with dialog(say(verb), say(f"{verb}_text")) as opened:
            said = ui.input(say("schema.note")).props("outlined autofocus").mark("version-note")
            said.props["data-testid"] = "version-note"

            async def save() -> None:
                opened.close()
                with self._page:
                    await self._save(str(said.value or ""), activate=activate)

            answer_buttons(opened, say(verb), save)

    async def _save(self, said: str, *, activate: bool) -> None:
        """Store the text; whatever comes in between, it stays here."""
        self._banner.clear()
        with self._banner:
            progress = ui.linear_progress(show_value=False).props("indeterminate rounded")
            progress.props["aria-label"] = say("schema.saving")
        failed: HubError | None = None

        async def store(member: Member) -> None:
            nonlocal failed
            try:
                made = await self._store(member, said, activate=activate)
            except (StaleError, ConflictError, InvalidError) as error:
                failed = error
                return
            in_browser("drop", self._key, self._text)
            ui.navigate.to(f"/schemas/{made.id}?tab=versions")

        await self._visit.try_to(store)
        self._banner.clear()
        if failed:
            await self._refused(failed, said, activate=activate)

    async def _store(self, member: Member, said: str, *, activate: bool) -> SchemaView:
        schemas = self._visit.services.schemas
        if self._view is None:
            return await schemas.create(member, self._text, said)
        reference, revision = self._view.id or self._view.name, self._revision
        return await schemas.put(member, reference, self._text, revision=revision, note=said, activate=activate)

    async def _refused(self, failed: HubError, said: str, *, activate: bool) -> None:
        if isinstance(failed, StaleError):
            await self._conflict(said, activate=activate)
            return
        if isinstance(failed, ConflictError) and failed.errors:
            with self._banner:
                refused(failed, lambda: self._ask(activate=False))
            return
        complain(sentence_of(failed))

    async def _conflict(self, said: str, *, activate: bool) -> None:
        """Somebody else saved meanwhile: show what differs and let the person choose."""
        schemas, member = self._visit.services.schemas, await self._visit.member()
        reference = self._view.id if self._view else None
        newest = (await schemas.versions(member, str(reference), limit=1)).items[0]
        theirs = await schemas.version(member, str(reference), newest.number)

        async def mine() -> None:
            self._revision = theirs.revision
            with self._page:
                await self._save(said, activate=activate)

        def take() -> None:
            self._banner.clear()
            self._revision = theirs.revision
            self._text = self._saved = dump_schema(msgspec.convert(theirs.document, Schema))
            self._code.value = self._text
            self._show_all()
            with self._page:
                in_browser("drop", self._key, self._text)

        with self._banner:
            with note("wait", "people", say("schema.conflict"), say("schema.conflict_text")):
                button(say("editor.keep_mine"), "keep-mine", mine)
                button(say("editor.take_theirs"), "take-theirs", take)
            if self._schema:
                with card(say("schema.conflict_differences")):
                    differences_in_words(compare_schemas(theirs.document, msgspec.to_builtins(self._schema)))

    @property
    def _key(self) -> str:
        return f"schema-{self._view.id if self._view else 'new'}"

    async def _begin(self) -> None:
        """Offer the text that the browser kept because it was never saved."""
        if not self._may:
            return
        kept = await ui.run_javascript(f"return pd.kept('{self._key}')", timeout=ANSWERS)
        in_browser("follow", self._code.html_id, self._key, self._saved)
        if isinstance(kept, dict) and kept.get("text") not in {None, self._text}:
            self._offer(str(kept["text"]), datetime.fromtimestamp(float(kept["at"]) / 1000, UTC))

    def _offer(self, text: str, at: datetime) -> None:
        def restore() -> None:
            self._banner.clear()
            self._text = self._code.value = text
            self._show_all()

        def discard() -> None:
            self._banner.clear()
            with self._page:
                in_browser("drop", self._key, self._text)

        with self._banner, note("wait", "restore_page", say("editor.kept", when=ago(at)), say("schema.kept_text")):
            button(say("editor.restore"), "restore-kept", restore)
            button(say("editor.discard"), "discard-kept", discard, kind="quiet")


def _has_place(path: str) -> bool:
    """Tell whether a problem is shown at a field, a rule or a name already."""
    return place_of(path) is not None or path.startswith(("metadata.", "spec.sums", "spec.orders"))
