"""Two extractions side by side: the fields they fill differently."""

from __future__ import annotations

from collections.abc import Sequence

from hub.extraction.differences import Difference, Side
from hub.extraction.results import Extraction
from hub.text import count, say
from ui.extraction.fields import Fields
from ui.extraction.page import name_of, schema_of
from ui.extraction.sureness import engine_words, sureness
from ui.frame import crumbs, page
from ui.pieces import card, div, empty, heading, link_button, words
from ui.services import Services
from ui.values import brief
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /extractions/compare."""

    @page("/extractions/compare", services, "extractions", say("compare.title"))
    async def compare_page(visit: Visit) -> None:
        crumbs((say("nav.extractions"), "/extractions"), (say("compare.title"), visit.path))
        member, first, second = visit.opened_by, visit.asked("first"), visit.asked("second")
        one = await services.extractions.find(member, first)
        other = await services.extractions.find(member, second)
        found = await services.extractions.compare(member, first, second)
        with heading(say("compare.title"), count("compare.differ", len(found))):
            pass
        fields = Fields(await schema_of(visit, one.schema.name))
        with div("pd-two-same"):
            await _side(visit, say("compare.first"), one)
            await _side(visit, say("compare.second"), other)
        with card(pad=False, classes="pd-gap-above"):
            if not found:
                empty("task_alt", say("compare.same"), say("compare.same_text"))
            else:
                differences_table(found, fields, (say("compare.first"), say("compare.second")))


async def _side(visit: Visit, title: str, one: Extraction) -> None:
    with card(title):
        words(await name_of(visit, one) or one.schema.name, "pd-strong pd-clip")
        words(say("extraction.sub", schema=one.schema.name, version=one.schema.version), "pd-muted pd-small")
        if one.usage.model:
            words(say("compare.model", model=one.usage.model, cost=f"{one.usage.cost_usd:.4f}"), "pd-muted pd-small")
        link_button(say("compare.open"), f"/extractions/{one.id}", f"open {one.id}")


def differences_table(found: Sequence[Difference], fields: Fields, sides: tuple[str, str]) -> None:
    """Draw fields that two results fill differently."""
    with div("pd-grid-table pd-plain-table").props("tabindex=0").mark("differences"), div(tag="table"):
        with div(tag="thead"), div(tag="tr"):
            for title in (say("extraction.field"), *sides):
                words(title, tag="th").props("scope=col")
        with div(tag="tbody"):
            places = {path: place for place, path in enumerate(fields.ordered(one.path for one in found))}
            for one in sorted(found, key=lambda one: (one.record, places[one.path])):
                with div(tag="tr"):
                    words(fields.title(one.path), "pd-key", "td")
                    for side in (one.first, one.second):
                        with div(tag="td"):
                            _value(side)


def _value(side: Side) -> None:
    if side.value is None:
        words(say("extraction.absent"), "pd-muted")
        return
    words(brief(side.value, 300), "pd-strong")
    with div("pd-line pd-small"):
        sureness(side.confidence)
        words(engine_words(side.engine or ""), "pd-muted", "span")
