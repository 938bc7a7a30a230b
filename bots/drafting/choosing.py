"""What starts a recipe, and where its results go: first what it is about, then the service, then what it offers."""

from __future__ import annotations

from collections.abc import Sequence

from bots.asked import Asked
from bots.drafting import matching
from bots.drafting.draft import PartDraft, RecipeDraft
from bots.drafting.matching import Families, Side, parts_of
from bots.finding import clipped
from bots.replies import Button, Reply
from connectors.sdk import Category, Connector
from connectors.sdk.declare import Target, Trigger
from connectors.sdk.registry import find, find_connector, registry
from hub.errors import InvalidError
from hub.members import Verb
from hub.text import say

# Menus and keyboards take a hundred entries; nobody reads that many
MOST = 40
_MOST_CONNECTED = 8
_CATEGORY, _SERVICE, _WORDS, _ALL = "#", "~", "?", "*"
_QUESTIONS = {"trigger": "What starts it?", "target": "Where do the results go?"}
_NOWHERE = "Nowhere, only keep them"
_NONE = frozenset({"nowhere", "none", "skip", _NOWHERE.casefold()})
Part = Trigger | Target


async def families(asked: Asked) -> Families:
    """Return the families of services that the workspace has connections for."""
    found = [find_connector(one.connector) for one in await asked.services.connections.list(asked.member)]
    return frozenset(one.family for one in found if one is not None)


async def which(asked: Asked, draft: RecipeDraft, side: Side) -> Reply:
    """Ask for the part, at the place that is open: everything, a category, a service, or what words have found."""
    connected = await families(asked)
    place = draft.within[-1] if draft.within else ""
    if place.startswith(_CATEGORY):
        return _in_category(draft, side, Category(place[1:]), connected)
    if place.startswith(_SERVICE):
        return _in_service(asked, draft, side, registry()[place[1:]], connected)
    if place.startswith(_WORDS):
        return _listed(draft, side, place[1:].split(), f"{_QUESTIONS[side]} This is what I found.")
    likely = draft.likely.get(side, [])
    if likely and place != _ALL:
        reply = _listed(draft, side, likely, f"{_QUESTIONS[side]} You may mean one of these.")
        return Reply(text=reply.text, buttons=[*reply.buttons, answering(draft, "Something else", _ALL)])
    return _top(draft, side, connected)


def take(draft: RecipeDraft, side: Side, answer: str) -> bool:
    """Open the place that was chosen, or take the part; tells whether it is a part."""
    part = draft.trigger if side == "trigger" else draft.target
    plain = answer.casefold()
    if side == "target" and plain in _NONE:
        part.uses, draft.within = "", []
        return True
    found = _exactly(draft, side, plain)
    if found is None and not _open(draft, side, answer):
        found = _by_words(draft, side, answer)
    if found is None and draft.within and draft.within[-1].startswith(_SERVICE):
        own = parts_of(side, registry()[draft.within[-1][1:]])
        found = own[0] if len(own) == 1 else None
    if found is None:
        return False
    part.uses, draft.within = found.uses, []
    return True


def is_title(draft: RecipeDraft, words: str) -> bool:
    """Tell whether the words are what a part is called, while a part is being asked for; such as: new row."""
    if draft.asking not in _QUESTIONS:
        return False
    known = parts_of("trigger" if draft.asking == "trigger" else "target")
    return any(words.casefold() == one.title.casefold() for one in known)


def lacking(asked: Asked, part: PartDraft, connected: Families) -> list[str]:
    """Say that the part's service has no connection, with the way to the page where one is made."""
    declared = part.part
    return _no_connection(asked, declared.connector, connected) if declared is not None else []


def answering(draft: RecipeDraft, label: str, answer: str) -> Button:
    """Return a button that answers this question and no later one."""
    return Button(clipped(label, 60), f"={draft.asking}={answer}")


def title_of(uses: str) -> str:
    """Return a part as people read it: its service and what it does."""
    part = find(uses)
    return f"{part.connector.title}: {part.title}" if part else uses


def _top(draft: RecipeDraft, side: Side, connected: Families) -> Reply:
    services = _services(side)
    mine = [one for one in services if one.family in connected][:_MOST_CONNECTED]
    buttons = [answering(draft, one.title, f"{_SERVICE}{one.name}") for one in mine]
    held = {one.category for one in services}
    buttons += [
        answering(draft, _heading(one), f"{_CATEGORY}{one.value}") for one in sorted(held, key=list(Category).index)
    ]
    if side == "target":
        buttons.append(answering(draft, _NOWHERE, "nowhere"))
    return Reply(text=f"{_QUESTIONS[side]} Choose what it is about, or say a word such as mail.", buttons=buttons)


def _in_category(draft: RecipeDraft, side: Side, category: Category, connected: Families) -> Reply:
    found = [one for one in _services(side) if one.category is category]
    found.sort(key=lambda one: not _at_hand(one, connected))
    lines = [f"{_QUESTIONS[side]} {_heading(category)}: choose a service, or say its name."]
    if missing := [one.title for one in found if not _at_hand(one, connected)]:
        lines.append(f"Not connected yet: {clipped(', '.join(missing), 600)}.")
    buttons = [answering(draft, one.title, f"{_SERVICE}{one.name}") for one in found[:MOST]]
    return Reply(text="\n".join(lines), buttons=buttons)


def _in_service(asked: Asked, draft: RecipeDraft, side: Side, service: Connector, connected: Families) -> Reply:
    lines = [f"{_QUESTIONS[side]} {service.title}: choose what is meant."]
    buttons = [answering(draft, one.title, one.uses) for one in parts_of(side, service)[:MOST]]
    return Reply(text="\n".join([*lines, *_no_connection(asked, service, connected)]), buttons=buttons)


def _listed(draft: RecipeDraft, side: Side, found: Sequence[str], text: str) -> Reply:
    if len(found) > MOST:
        text += f" Here are the first {MOST} of {len(found)}; say more words to narrow them down."
    buttons = [answering(draft, title_of(uses), uses) for uses in found[:MOST]]
    if side == "target":
        buttons.append(answering(draft, _NOWHERE, "nowhere"))
    return Reply(text=text, buttons=buttons)


def _exactly(draft: RecipeDraft, side: Side, plain: str) -> Part | None:
    """Return the part of a name or title; a title alone counts where it is the only one, here or anywhere."""
    known = parts_of(side)
    named = [one for one in known if plain in {one.uses, title_of(one.uses).casefold()}]
    titled = [one for one in known if plain == one.title.casefold()]
    place = draft.within[-1] if draft.within else ""
    here = [one for one in titled if place == f"{_SERVICE}{one.connector.name}"]
    return next((found[0] for found in (named, here, titled) if len(found) == 1), None)


def _open(draft: RecipeDraft, side: Side, answer: str) -> bool:
    """Open the category or service of a name, or everything; tells whether it is one."""
    plain = answer.casefold()
    if plain in {_ALL, "something else"}:
        draft.within = [_ALL]
        return True
    for one in Category:
        if plain in {f"{_CATEGORY}{one.value}", _heading(one).casefold()}:
            draft.within = [*_before(draft, ""), f"{_CATEGORY}{one.value}"]
            return True
    for service in _services(side):
        if plain in {f"{_SERVICE}{service.name}", service.name, service.title.casefold()}:
            draft.within = [*_before(draft, _CATEGORY), f"{_SERVICE}{service.name}"]
            return True
    return False


def _by_words(draft: RecipeDraft, side: Side, answer: str) -> Part | None:
    """Narrow down by what was typed: within the place that is open if it is there, else among everything."""
    found = matching.narrowed(answer, side) or getattr(matching, f"{side}s")(answer)
    place = draft.within[-1] if draft.within else ""
    here = [uses for uses in found if _is_in(uses, place)] or found
    if not here:
        raise InvalidError("I find nothing by these words. Press a button, say another word, or go back.")
    if len(here) > 1:
        draft.within = [*_before(draft, _CATEGORY), f"{_WORDS}{' '.join(here)}"]
        return None
    part = find(here[0])
    return part if isinstance(part, (Trigger, Target)) else None


def _before(draft: RecipeDraft, keeps: str) -> list[str]:
    """Return the places to which `back` leads from a new one."""
    return [one for one in draft.within if one == _ALL or (keeps and one.startswith(keeps))]


def _is_in(uses: str, place: str) -> bool:
    part = find(uses)
    if part is None or not place:
        return False
    return place in {f"{_CATEGORY}{part.connector.category.value}", f"{_SERVICE}{part.connector.name}"}


def _services(side: Side) -> list[Connector]:
    found = [one for one in registry().values() if getattr(one, f"{side}s")]
    return sorted(found, key=lambda one: one.title.casefold())


def _heading(category: Category) -> str:
    return say(f"connectors.category_{category}")


def _at_hand(service: Connector, connected: Families) -> bool:
    return service.connection_optional or service.family in connected


def _no_connection(asked: Asked, service: Connector, connected: Families) -> list[str]:
    if _at_hand(service, connected):
        return []
    if asked.member.may(Verb.EDIT_CONNECTIONS):
        told = f"{service.title} needs a connection. Make one here, then choose it in the recipe:"
    else:
        told = f"{service.title} needs a connection, which an admin can make here:"
    return [told, asked.link(f"connections/new/{service.name}")]
