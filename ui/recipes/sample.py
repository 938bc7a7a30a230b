"""What to run or plan a recipe with: an item from before, a file, a sample, or what its trigger reads now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from nicegui import events, ui

from connectors.sdk import Attachment, TriggerKind
from connectors.sdk.registry import find_trigger
from hub.errors import InvalidError
from hub.ids import parse
from hub.members import Member
from hub.recipes import RecipeView
from hub.runs import Filter, ItemSummary
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.pieces import ago, div, file_field, note, words
from ui.visit import Visit, tell

LARGEST = 50 * 1024 * 1024
SAMPLES = {
    "webhook.received": {
        "body": {"number": "A-1001", "customer": "Nordwind GmbH", "total": 129.5},
        "headers": {},
        "query": {},
    },
}


class Sample:
    """What was chosen in the dialog."""

    def __init__(self, recipe: RecipeView) -> None:
        self.way = "sample"
        self.text = msgspec.json.format(msgspec.json.encode(SAMPLES.get(recipe.trigger.uses, {})), indent=2).decode()
        self.item: str | None = None
        self.file: Attachment | None = None

    def content(self) -> Any:
        """Return the item's content, None where a stored item or the trigger gives it."""
        if self.way == "file":
            if self.file is None:
                raise InvalidError(say("sample.no_file"))
            return {"file": self.file, "name": self.file.name}
        if self.way == "sample":
            try:
                return msgspec.json.decode(self.text)
            except msgspec.DecodeError as error:
                raise InvalidError(say("sample.bad_json", reason=str(error))) from error
        return None

    def stored(self) -> UUID | None:
        """Return the stored item that was chosen."""
        return parse("itm", self.item) if self.way == "item" and self.item else None


async def ask_for_sample(visit: Visit, recipe: RecipeView, *, plan: bool) -> None:
    """Ask what to take, then run or plan."""
    part = find_trigger(recipe.trigger.uses)
    polls = part is not None and part.kind is TriggerKind.POLL
    wanted = Filter(recipe=parse("rcp", recipe.id), limit=12)
    items = (await visit.services.history.items(visit.opened_by, wanted)).entries if plan else []
    sample = Sample(recipe)
    offered = {"trigger": polls, "item": bool(items), "file": recipe.trigger.uses == "manual.submitted", "sample": True}
    ways = {name: say(f"sample.{name}") for name, holds in offered.items() if holds}
    sample.way = next(iter(ways))
    with dialog(
        say("sample.plan" if plan else "sample.run"), say("sample.plan_text" if plan else "sample.run_text")
    ) as opened:
        if not plan and recipe.changed:
            with note("wait", "info", say("sample.published_runs")):
                pass
        if len(ways) > 1:
            ui.radio(ways, value=sample.way, on_change=lambda _: body.refresh()).bind_value_to(sample, "way").mark(
                "way"
            )

        @ui.refreshable
        def body() -> None:
            _asked(visit, recipe, sample, items)

        body()

        async def do(member: Member) -> None:
            await (_plan if plan else _run)(visit, member, recipe, sample)
            opened.close()

        answer_buttons(opened, say("sample.do_plan" if plan else "sample.do_run"), visit.does(do))


def _asked(visit: Visit, recipe: RecipeView, sample: Sample, items: Sequence[ItemSummary]) -> None:
    if sample.way == "trigger":
        words(say("sample.trigger_text"), "pd-soft")
    elif sample.way == "item":
        choices = {one.id: f"{one.title or one.id} · {ago(one.accepted_at)}" for one in items}
        sample.item = sample.item or next(iter(choices))
        ui.select(choices, label=say("sample.item"), value=sample.item).props("outlined").bind_value_to(
            sample, "item"
        ).mark("sample-item").style("width: 100%")
    elif sample.way == "file":
        _upload(visit, recipe, sample)
    else:
        words(say("sample.json"), "pd-muted pd-small")
        ui.textarea(value=sample.text).props("outlined autogrow input-class='pd-mono'").props(
            f'aria-label="{say("sample.json")}" data-testid=sample-json'
        ).bind_value_to(sample, "text").mark("sample-json").style("width: 100%")


def _upload(_visit: Visit, recipe: RecipeView, sample: Sample) -> None:
    asked = recipe.document["spec"]["trigger"].get("with", {}).get("instructions", "")
    if asked:
        words(str(asked), "pd-soft")

    async def taken(event: events.UploadEventArguments) -> None:
        file = event.file
        sample.file = Attachment(name=file.name, media_type=file.content_type, content=await file.read())
        with chosen:
            chosen.clear()
            words(say("sample.chosen", name=file.name), "pd-ok")

    file_field(say("sample.drop"), taken, mark="sample-file", most=LARGEST)
    chosen = div()


async def _plan(visit: Visit, member: Member, recipe: RecipeView, sample: Sample) -> None:
    made = await visit.services.runs.plan(member, parse("rcp", recipe.id), sample.content(), item=sample.stored())
    ui.navigate.to(f"/runs/{made.run.id}")


async def _run(visit: Visit, member: Member, recipe: RecipeView, sample: Sample) -> None:
    title = sample.file.name if sample.way == "file" and sample.file else say("sample.title")
    found = await visit.services.runs.submit(member, parse("rcp", recipe.id), sample.content(), title=title)
    if found.item is not None:
        ui.navigate.to(f"/items/{found.item}")
    else:
        tell(say("sample.asked", found=found.found))
