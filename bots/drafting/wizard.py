"""The command new: from words over questions to a saved draft. Nothing is published here."""

from __future__ import annotations

import msgspec

from bots.asked import Asked, command
from bots.drafting import choosing, form, questions
from bots.drafting.draft import RecipeDraft
from bots.drafting.understanding import free_name, name_of, understand
from bots.recipes import mending, planned, steps_of
from bots.replies import Button, Reply
from hub.errors import HubError, InvalidError
from hub.ids import parse
from hub.members import Verb

_LONGEST = 2_000
_EXAMPLE = "new when a PDF arrives in a folder, read the invoice, review below 0.9, write it to a spreadsheet"
_BACK = "back"
_LATE = "That question is no longer open."


@command("<what you want in plain words>", acts=True)
async def new(asked: Asked) -> Reply:
    """Draft a recipe from plain words; you publish it yourself."""
    asked.member.authorize(Verb.EDIT_RECIPES)
    words = asked.argument
    if not words:
        return Reply(text=f"What is the recipe to do? For example: {_EXAMPLE}.", form=True)
    if len(words) > _LONGEST:
        raise InvalidError(f"Say it in {_LONGEST:,} letters at most.")
    if (draft := await current(asked)) and choosing.is_title(draft, f"new {words}"):
        return await _answered(asked, draft, f"new {words}")
    return await _go_on(asked, await understand(asked, words))


async def go_on(asked: Asked) -> Reply | None:
    """Take what was said as the answer to the open question; None when there is none."""
    state = await asked.wizards.open(asked.identity)
    chosen, answer = _parted(asked.argument)
    if state is None:
        return Reply(text=f"{_LATE} Say new and what you want to begin again.") if chosen else None
    draft = msgspec.convert(state, RecipeDraft)
    if not answer or (chosen and chosen != draft.asking):
        return Reply(text=f"{_LATE} Answer the last one, or say cancel.")
    asked.member.authorize(Verb.EDIT_RECIPES)
    return await _answered(asked, draft, answer)


async def filled(asked: Asked, draft: RecipeDraft) -> Reply:
    """Save what a form says; what it leaves open stands under the draft as what is to mend."""
    asked.member.authorize(Verb.EDIT_RECIPES)
    await form.chosen(asked, draft)
    await questions.complete(asked, draft)
    draft.name = await free_name(asked, name_of(draft.words))
    return await _finish(asked, draft)


async def current(asked: Asked) -> RecipeDraft | None:
    """Return the draft that is being asked for, None when there is none."""
    state = await asked.wizards.open(asked.identity)
    return None if state is None else msgspec.convert(state, RecipeDraft)


async def _answered(asked: Asked, draft: RecipeDraft, answer: str) -> Reply:
    if answer.casefold() == _BACK:
        questions.back(draft)
        return await _go_on(asked, draft)
    try:
        await questions.take(asked, draft, answer)
    except HubError as error:
        return await _go_on(asked, draft, f"{error.message}\n")
    return await _go_on(asked, draft)


async def _go_on(asked: Asked, draft: RecipeDraft, told: str = "") -> Reply:
    question = await questions.ask(asked, draft)
    if question is None:
        return await _finish(asked, draft)
    await asked.wizards.keep(asked.identity, draft)
    ways = [Button("Cancel", "cancel", apart=True)]
    if draft.within or draft.answered or draft.asking != "trigger":
        ways.insert(0, Button("Back", f"={draft.asking}={_BACK}", apart=True))
    return msgspec.structs.replace(
        question, text=f"{told}{question.text}", buttons=[*question.buttons, *ways], form=True
    )


async def _finish(asked: Asked, draft: RecipeDraft) -> Reply:
    """Save the draft and show it as steps, with its problems or with what it would write."""
    questions.settle(draft)
    view = await asked.services.recipes.create(asked.member, draft.document())
    await asked.wizards.end(asked.identity)
    lines = [f"I drafted {view.name}. Nothing is published; look at it first.", ""]
    lines += steps_of(view.document)
    notes = await questions.notes(asked, draft)
    lines += ["", *notes] if notes else []
    if view.problems:
        lines += ["", "To mend before it can run:", *mending(view.problems)]
    lines += ["", asked.link(f"recipes/{view.name}")]
    buttons = [Button("Plan it", f"plan {view.name}"), Button("Show it", f"show {view.name}")]
    if not view.problems:
        buttons = [Button("Publish…", f"publish {view.name}"), *buttons]
    if view.problems:
        return Reply(text="\n".join(lines), buttons=buttons)
    try:
        result = await asked.services.runs.plan(asked.member, parse("rcp", view.id), None)
    except HubError as error:
        return Reply(text="\n".join([*lines, "", f"No plan yet: {error.message}"]), buttons=buttons)
    told = planned(asked, view.name, result)
    return Reply(text="\n".join([*lines, "", told.text]), table=told.table, buttons=buttons)


def _parted(text: str) -> tuple[str, str]:
    """Part what a button says into its question and the answer; typed words are an answer alone."""
    if text.startswith("="):
        asking, _, answer = text[1:].partition("=")
        return asking, answer.strip()
    return "", text.strip()
