"""What happened to one row: every change with what made it, and who."""

from __future__ import annotations

from nicegui import ui

from hub.datasets import DatasetSummary, RowRevision
from hub.members import Member
from hub.text import say
from ui.ask import dialog
from ui.pieces import div, moment, pill, state, words
from ui.values import brief
from ui.visit import Visit

STATES = {"add": "add", "insert": "add", "change": "change", "update": "change", "delete": "remove"}


async def row_history(visit: Visit, dataset: DatasetSummary, record: str) -> None:
    """Show the revisions of a row."""

    async def show(member: Member) -> None:
        revisions = await visit.services.datasets.history(member, dataset.id, record)
        with dialog(say("datasets.history"), say("datasets.history_text")):
            for revision in revisions:
                _revision(revision)

    await visit.try_to(show)


def _revision(revision: RowRevision) -> None:
    with div("pd-stack").style("gap: 6px; border-top: 1px solid var(--line); padding-top: 10px"):
        with div("pd-line"):
            pill(say("datasets.revision", number=revision.revision))
            state(STATES.get(revision.kind, revision.kind))
            moment(revision.at)
            if revision.item:
                target = f"/items/{revision.item}"
                ui.link(say("datasets.source", step=revision.step or ""), target).classes("pd-small").mark(
                    f"source {revision.item}"
                )
            elif revision.by:
                words(say("datasets.by_hand", name=revision.by), "pd-small pd-soft", "span")
        before, after = revision.before or {}, revision.after or {}
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                with div("pd-line"):
                    words(name, "pd-muted pd-small", "span")
                    if name in before:
                        words(brief(before[name], 200), "pd-old", "span")
                    if name in after:
                        words(brief(after[name], 200), "pd-new", "span")
