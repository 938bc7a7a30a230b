"""The versions of a schema: compared in words, put to use, restored, branched off, tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from hub.documents import VersionSummary
from hub.errors import ConflictError
from hub.extraction.schemas.views import SchemaView
from hub.ids import show
from hub.members import Member, Verb
from hub.text import say
from ui.ask import answer_buttons, confirm, dialog
from ui.live import after_load
from ui.pieces import button, card, div, empty, link_button, moment, older, state, words
from ui.schemas.differences import differences_in_words
from ui.schemas.refused import refused
from ui.visit import Visit, tell


async def versions_tab(visit: Visit, schema: SchemaView) -> None:
    """Draw the versions and the comparison."""
    if schema.id is None:
        with card(pad=False):
            empty("history", say("schema.starter_versions"), say("schema.starter_versions_text"))
        return
    found = await visit.services.schemas.versions(visit.opened_by, schema.id, cursor=visit.asked("cursor") or None)
    people = {one.id: one.name or one.email for one in await visit.services.memberships.list(visit.opened_by)}
    with div("pd-stack"):
        banner = div("pd-stack").props("role=status")
        with div("pd-two"):
            with card(say("versions.title"), pad=False):
                for version in found.items:
                    _Row(visit, schema, version, banner).draw(people)
                older(found.cursor, f"/schemas/{schema.id}?tab=versions")
            with card(say("versions.compare")):
                _comparison(visit, schema.id, found.items)


class _Row:
    """One version and what can be done with it."""

    def __init__(self, visit: Visit, schema: SchemaView, version: VersionSummary, banner: ui.element) -> None:
        self._visit = visit
        self._schema = schema
        self._reference = str(schema.id)
        self._version = version
        self._banner = banner

    def draw(self, people: Mapping[str, str]) -> None:
        version = self._version
        who = people.get(show("usr", version.published_by), "") if version.published_by else ""
        with div("pd-schema-version").mark(f"version-{version.number}") as box:
            box.props["data-testid"] = f"version-{version.number}"
            with div("pd-line"):
                words(say("recipe.version", number=version.number), "pd-strong", "span")
                if version.active:
                    state("live", say("schema.in_use"))
                if who:
                    words(who, "pd-soft pd-small", "span")
                moment(version.published_at)
            words(version.note or say("versions.no_note"), "pd-soft" if version.note else "pd-muted pd-small")
            with div("pd-actions"):
                self._actions()

    def _actions(self) -> None:
        number, visit = self._version.number, self._visit
        target = f"/schemas/{self._reference}?version={number}"
        link_button(say("schema.look"), target, f"look-{number}", kind="quiet", icon="visibility")
        if visit.may(Verb.EXTRACT):
            address = f"/extractions/new?schema={self._schema.name}@{number}"
            link_button(say("schema.try_it"), address, f"try-{number}", kind="quiet", icon="document_scanner")
        if not visit.may(Verb.EDIT_SCHEMAS):
            return
        if not self._version.active:
            button(say("schema.activate"), f"activate-{number}", self._activate, kind="quiet", icon="check_circle")
            button(say("versions.restore"), f"restore-{number}", self._ask_restore, kind="quiet", icon="restore")
        button(say("schema.branch"), f"branch-{number}", self._branch, kind="quiet", icon="call_split")

    async def _activate(self) -> None:
        """Put the version to use; what the golden set finds wrong is told value by value."""

        async def activate(member: Member) -> None:
            try:
                await self._visit.services.schemas.activate(member, self._reference, self._version.number)
            except ConflictError as error:
                self._banner.clear()
                with self._banner:
                    refused(error)
                return
            ui.navigate.to(f"/schemas/{self._reference}?tab=versions")

        self._banner.clear()
        with self._banner:
            ui.linear_progress(show_value=False).props("indeterminate rounded").props["aria-label"] = say(
                "schema.checking"
            )
        if not await self._visit.try_to(activate):
            self._banner.clear()

    def _ask_restore(self) -> None:
        number = self._version.number

        async def restore(member: Member) -> None:
            await self._visit.services.schemas.restore(member, self._reference, number)
            ui.navigate.to(f"/schemas/{self._reference}?tab=versions")

        sentence = say("schema.restore_text", number=number)
        confirm(self._visit, say("versions.restore"), sentence, restore, grave=False)

    def _branch(self) -> None:
        duplicate(self._visit, self._schema, number=self._version.number)


def duplicate(visit: Visit, schema: SchemaView, *, number: int | None = None) -> None:
    """Ask for the name of a copy, of one version or of the one in use, and make it."""
    verb = "schema.branch" if number else "schema.duplicate"
    with dialog(say(verb), say(f"{verb}_text", number=number)) as opened:
        name = ui.input(say("schema.about_name"), value=f"{schema.name}_{f'v{number}' if number else 'copy'}")
        name.props("outlined autofocus").mark("copy-name").props["hint"] = say("schema.about_name_hint")
        name.props["data-testid"] = "copy-name"

        async def copy(member: Member) -> None:
            wanted = str(name.value or "").strip()
            made = await visit.services.schemas.duplicate(member, schema.id or schema.name, wanted, number=number)
            opened.close()
            tell(say("schema.copied"))
            ui.navigate.to(f"/schemas/{made.id}")

        answer_buttons(opened, say(verb), visit.does(copy))


def _comparison(visit: Visit, reference: str, versions: Sequence[VersionSummary]) -> None:
    """Choose two and say what differs."""
    choices = {one.number: say("recipe.version", number=one.number) for one in versions}
    newest, before = versions[0].number, versions[min(1, len(versions) - 1)].number
    with div("pd-line"):
        first = ui.select(choices, value=before, label=say("versions.from"))
        second = ui.select(choices, value=newest, label=say("versions.to"))
    box = div("pd-stack")

    async def show_both(member: Member) -> None:
        found = await visit.services.schemas.compare(
            member, f"{reference}@{first.value}", f"{reference}@{second.value}"
        )
        box.clear()
        with box:
            differences_in_words(found)

    for picked, mark in ((first, "compare-from"), (second, "compare-to")):
        picked.props("outlined dense").style("min-width: 130px").mark(mark)
        picked.on_value_change(visit.does(show_both))
    after_load(visit.does(show_both))
