"""The palette: every trigger, lookup, target and built-in step, and how one comes into a recipe's text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from nicegui import ui
from nicegui.events import GenericEventArguments

from connectors.sdk import Category, Connector, Lookup, Settings, Target, Trigger, fill
from connectors.sdk.describe import FieldDescription, FieldKind, describe
from connectors.sdk.registry import find_connector, registry
from hub.connections import ConnectionSummary
from hub.recipes import BUILT_INS, RecipeDocument, export, from_plain, to_plain
from hub.text import MESSAGES, say
from ui.ask import dialog

CONDITION = {"all": [{"left": "{{ trigger.body }}", "is": "is_set"}]}
SPECIAL: Mapping[str, dict[str, Any]] = {
    "filter": CONDITION,
    "branch": {"cases": {"first": CONDITION}, "else": "other"},
}
EMPTY: Mapping[FieldKind, Any] = {
    FieldKind.NUMBER: 1,
    FieldKind.BOOLEAN: False,
    FieldKind.LIST: [],
    FieldKind.MAPPING: {},
}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the palette.

    Its `group` is a kind of services; `service` and `part` are the halves of its title, `also` what else people say.
    """

    uses: str
    title: str
    text: str
    icon: str
    tone: str
    group: str
    service: str = ""
    part: str = ""
    connector: str = ""
    also: str = ""

    @property
    def said(self) -> str:
        """All words by which it is found."""
        return f"{self.title} {self.text} {self.uses} {self.group} {self.also}"


def offers(*, triggers: bool) -> list[Offer]:
    """Return what can stand in a recipe: triggers, or steps; by groups, and in each by services."""
    own = () if triggers else BUILT_INS.values()
    built_in = say("connectors.built_in")
    found = [
        Offer(uses=one.name, title=one.title, text=one.text, icon=one.icon, tone="mute", group=built_in, part=one.title)
        for one in own
    ]
    for connector in by_category():
        parts: Sequence[Trigger | Lookup | Target] = [*connector.lookups.values(), *connector.targets.values()]
        found += [_offer(connector, part) for part in (connector.triggers.values() if triggers else parts)]
    return found


def _offer(connector: Connector, part: Trigger | Lookup | Target) -> Offer:
    tone = "accent" if isinstance(part, Trigger) else "plum" if isinstance(part, Target) else "run"
    return Offer(
        uses=part.uses,
        title=f"{connector.title}: {part.title}",
        text=part.text.partition("\n")[0],
        icon=connector.icon,
        tone=tone,
        group=say(f"connectors.category_{connector.category}"),
        service=connector.title,
        part=part.title,
        connector=connector.name,
        also=also_called(connector.name),
    )


def also_called(connector: str) -> str:
    """Return words that people type when they mean a service, beside those of its title."""
    return MESSAGES.get(f"search.also.{connector}", "")


def by_category() -> list[Connector]:
    """Return all connectors by what they are for, and by title within."""
    places = {category: place for place, category in enumerate(Category)}
    return sorted(registry().values(), key=lambda one: (places[one.category], one.title.casefold()))


def ask_for_part(*, triggers: bool, choose: Callable[[Offer], Awaitable[None]]) -> None:
    """Let a person choose from the palette; typing narrows it down, in the browser."""
    known = {offer.uses: offer for offer in offers(triggers=triggers)}

    with dialog(say("palette.trigger" if triggers else "palette.step")) as opened:
        shown = ui.element("pd-offers").mark("palette")

        async def take(event: GenericEventArguments) -> None:
            opened.close()
            await choose(known[str(event.args["uses"])])

        shown.on("chosen", take, js_handler="(event) => emit(event.detail)")
        shown.props["content"] = {
            "groups": [
                {"title": group, "offers": [_tile(offer) for offer in held]}
                for group, held in groupby(known.values(), key=lambda one: one.group)
            ],
            "say": {"search": say("palette.search"), "nothing": say("search.nothing")},
        }


def _tile(offer: Offer) -> dict[str, str]:
    shown = {name: str(getattr(offer, name)) for name in ("uses", "title", "text", "icon", "tone")}
    return {**shown, "said": offer.said.casefold()}


def with_trigger(document: RecipeDocument, offer: Offer, connections: Sequence[ConnectionSummary]) -> str:
    """Return the text of a recipe that begins with another trigger."""
    plain = to_plain(document)
    plain["spec"]["trigger"] = part_for(offer, connections)
    return export(from_plain(plain))


def with_step(document: RecipeDocument, offer: Offer, connections: Sequence[ConnectionSummary]) -> str:
    """Return the text of a recipe with one more step at its end, filled with examples where values are needed."""
    plain = to_plain(document)
    steps = plain["spec"].setdefault("steps", [])
    taken = {step["id"] for step in steps}
    name = offer.uses.rpartition(".")[2]
    identity = next(one for one in (name, *(f"{name}_{number}" for number in range(2, 999))) if one not in taken)
    steps.append({"id": identity, **part_for(offer, connections)})
    return export(from_plain(plain))


def part_for(offer: Offer, connections: Sequence[ConnectionSummary]) -> dict[str, Any]:
    """Return a trigger or step without its id, filled with examples where values are needed.

    A connection is chosen only where the service takes no call without one: who needs none gets no credentials.
    """
    part: dict[str, Any] = {"uses": offer.uses}
    connector = find_connector(offer.connector)
    if connector is not None and not connector.connection_optional:
        known = [one.name for one in connections if one.connector == connector.name]
        part["connection"] = next(iter(known), connector.name)
    settings = SPECIAL.get(offer.uses) or _examples(settings_of(offer))
    return part | ({"with": settings} if settings else {})


def settings_of(offer: Offer) -> type[Settings] | None:
    """Return what a step or trigger asks for; None when it asks for nothing that a form knows."""
    if offer.uses in BUILT_INS:
        return BUILT_INS[offer.uses].settings
    connector = find_connector(offer.connector)
    if connector is None:
        return None
    name = offer.uses.partition(".")[2]
    part = connector.triggers.get(name) or connector.lookups.get(name) or connector.targets.get(name)
    return part.settings if part else None


def _examples(settings: type[Settings] | None) -> dict[str, Any]:
    """Return what must be filled in, with the examples that its declaration gives; one more where one of several is."""
    if settings is None:
        return {}
    fields = describe(settings)
    needed = {field.name: _example(field) for field in fields if field.required or (field.record and field.example)}
    more = [{field.name: field.example} for field in fields if field.example is not None and field.name not in needed]
    return next(({**needed, **one} for one in ({}, *more) if holds(settings, {**needed, **one})), needed)


def holds(settings: type[Settings], values: Mapping[str, Any]) -> bool:
    """Tell whether settings can be what they are."""
    try:
        fill(settings, values)
    except (msgspec.ValidationError, ValueError):
        return False
    return True


def _example(field: FieldDescription) -> Any:
    if field.example is not None:
        return field.example
    return field.choices[0] if field.choices else EMPTY.get(field.kind, field.name)
