"""The versions of a recipe: what was published when, what differs between two, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from hub.documents import Difference
from hub.members import Member, Verb
from hub.recipes import RecipeView, VersionView
from hub.text import say
from ui.ask import confirm
from ui.live import after_load
from ui.pieces import button, card, div, empty, moment, pill, row, state, words
from ui.values import brief
from ui.visit import Visit

DRAFT = 0


async def versions_tab(visit: Visit, recipe: RecipeView) -> None:
    """Draw the versions and the comparison."""
    versions = (await visit.services.recipe_versions.list(visit.opened_by, recipe.id, limit=100)).items
    if not versions:
        with card(pad=False):
            empty("history", say("versions.none"), say("versions.none_text"))
        return
    with div("pd-two"):
        with card(say("versions.title"), pad=False):
            for version in versions:
                _row(visit, recipe, version)
        with card(say("versions.compare")):
            _comparison(visit, recipe, versions)


def _row(visit: Visit, recipe: RecipeView, version: VersionView) -> None:
    async def restore(member: Member) -> None:
        await visit.services.recipe_versions.restore(member, recipe.id, version.number)
        ui.navigate.to(f"/recipes/{recipe.id}?tab=editor")

    def ask() -> None:
        sentence = say("versions.restore_text", number=version.number)
        confirm(visit, say("versions.restore"), sentence, restore, grave=False)

    with row("pair", "", "", ""):
        with div("pd-grow"):
            with div("pd-line"):
                words(say("recipe.version", number=version.number), "pd-strong", "span")
                if version.active:
                    state("live")
                moment(version.published_at)
            words(version.note or say("versions.no_note"), "pd-soft" if version.note else "pd-muted pd-small")
        if visit.may(Verb.EDIT_RECIPES):
            button(say("versions.restore"), f"restore-{version.number}", ask, kind="quiet", icon="restore")


def _comparison(visit: Visit, recipe: RecipeView, versions: Sequence[VersionView]) -> None:
    """Choose two and show what differs."""
    choices = {DRAFT: say("versions.draft")} | {
        one.number: say("recipe.version", number=one.number) for one in versions
    }
    with div("pd-line"):
        first = ui.select(choices, value=versions[min(1, len(versions) - 1)].number, label=say("versions.from"))
        second = ui.select(choices, value=versions[0].number if len(versions) > 1 else DRAFT, label=say("versions.to"))
    box = div("pd-stack")

    async def show(member: Member) -> None:
        found = await visit.services.recipe_versions.compare(
            member, recipe.id, first.value or None, second.value or None
        )
        box.clear()
        with box:
            differences_of(found)

    for picked, mark in ((first, "compare-from"), (second, "compare-to")):
        picked.props("outlined dense").style("min-width: 130px").mark(mark)
        picked.on_value_change(visit.does(show))
    after_load(visit.does(show))


def differences_of(differences: Sequence[Difference]) -> Element:
    """Draw what differs, path by path."""
    with div("pd-stack") as box:
        if not differences:
            words(say("versions.same"), "pd-muted")
        for one in differences:
            with div("pd-stack").style("gap: 2px"):
                with div("pd-line"):
                    words(one.path, "pd-mono pd-strong", "span")
                    pill(say(f"versions.{one.kind}"))
                if one.before is not None:
                    words(brief(one.before, 400), "pd-mono pd-old")
                if one.after is not None:
                    words(brief(one.after, 400), "pd-mono pd-new")
    return box
