"""What people do with dead letters besides replaying them: give them to somebody, close them, open them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from hub.accounts import MemberSummary
from hub.members import Member
from hub.runs.letters import Closing
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.visit import Visit, tell

NOBODY = ""


def ask_owner(visit: Visit, items: Sequence[str], people: Mapping[str, MemberSummary]) -> None:
    """Ask whose these are from now on."""
    with dialog(count("dead.assign_title", len(items)), say("dead.assign_text")) as opened:
        names = {NOBODY: say("dead.nobody"), **{one.id: one.name or one.email for one in people.values()}}
        chosen = ui.select(names, value=NOBODY, label=say("dead.column_owner")).props("outlined").mark("owner")
        chosen.props["data-testid"] = "owner"

        async def assign(member: Member) -> None:
            number = await visit.services.letters.assign(member, items, chosen.value or None)
            _done(opened, count("dead.assigned", number))

        answer_buttons(opened, say("dead.assign"), visit.does(assign))


def close_letters(visit: Visit, items: Sequence[str], closing: Closing) -> None:
    """Ask why these are not to be replayed, and take them off the list."""
    with dialog(count(f"dead.{closing}_title", len(items)), say(f"dead.{closing}_text")) as opened:
        reason = ui.textarea(say("dead.reason")).props("outlined autogrow maxlength=2000").mark("reason")
        reason.props["data-testid"] = "reason"

        async def close(member: Member) -> None:
            number = await visit.services.letters.close(member, items, closing, reason.value or "")
            _done(opened, count("dead.closed_number", number))

        answer_buttons(opened, say(f"dead.{'resolve' if closing == 'resolved' else 'ignore'}"), visit.does(close))


def reopen_letters(visit: Visit, items: Sequence[str]) -> None:
    """Put these back on the list."""
    with dialog(count("dead.reopen_title", len(items)), say("dead.reopen_text")) as opened:

        async def reopen(member: Member) -> None:
            _done(opened, count("dead.reopened", await visit.services.letters.reopen(member, items)))

        answer_buttons(opened, say("dead.reopen"), visit.does(reopen))


def _done(opened: ui.dialog, sentence: str) -> None:
    opened.close()
    tell(sentence)
    ui.navigate.reload()
