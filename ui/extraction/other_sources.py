"""Sources that are no files: pages of the web and pasted texts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from hub.extraction.capturing.pages import Wanted
from hub.extraction.readers.options import Options
from hub.members import Member
from hub.text import say
from ui.extraction.intake import Intake, Taken
from ui.pieces import button, div, words
from ui.visit import Visit

Shown = Callable[[], None]


def web_pages(visit: Visit, intake: Intake, show: Shown) -> None:
    """Ask for addresses; what is fetched is a file like any other."""
    with div("pd-card pd-pad pd-stack"):
        addresses = (
            ui.textarea(say("upload.address")).props("outlined autogrow data-testid=addresses").mark("addresses")
        )
        selector = ui.input(say("upload.selector")).props("outlined").mark("selector")
        rendered = ui.switch(say("upload.rendered")).mark("rendered")
        told = div("pd-stack").props("role=status")

        async def fetch(member: Member) -> None:
            urls = [line.strip() for line in addresses.value.splitlines() if line.strip()]
            selectors = tuple(one for one in [selector.value.strip()] if one)
            wanted = [Wanted(url=url, selectors=selectors, rendered=rendered.value) for url in urls]
            told.clear()
            with told:
                ui.linear_progress(show_value=False).props("indeterminate rounded").props["aria-label"] = say(
                    "upload.fetching"
                )
            try:
                outcomes = await visit.services.captures.capture(member, wanted)
            finally:
                told.clear()
            for one in outcomes:
                if one.file and not one.problem:
                    kept = await visit.services.files.describe(member, one.file)
                    intake.files.append(Taken(file=kept, reading=Options(selector=selector.value or None)))
                else:
                    with told:
                        words(f"{one.url}: {one.problem}", "pd-bad pd-small")
            show()

        with div("pd-actions"):
            button(say("upload.fetch"), "fetch", visit.does(fetch), kind="primary", icon="travel_explore")


def pasted_text(visit: Visit, intake: Intake) -> None:
    """Ask for a text and extract from it at once."""
    with div("pd-card pd-pad pd-stack"):
        given = ui.textarea(say("upload.text")).props("outlined data-testid=pasted input-style='min-height: 200px'")
        given.mark("pasted")

        async def extract(member: Member) -> None:
            extractions = visit.services.extractions
            made = await extractions.extract_text(member, given.value, intake.schema, intake.choice())
            ui.navigate.to(f"/extractions/{made.id}")

        act: Callable[..., Awaitable[None]] = visit.does(extract)
        with div("pd-actions"):
            button(say("upload.extract_text"), "extract-text", act, kind="primary")
