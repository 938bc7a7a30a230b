"""Changing who comes after whom: steps put in, taken out or led elsewhere, while all else stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from hub import source
from hub.errors import InvalidError, Problem
from hub.recipes.document import RecipeDocument, from_plain, to_plain
from hub.recipes.graph import WORDS, Edge, draw

START = "trigger"
MOST_PASTED = 400_000
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class Way(msgspec.Struct, frozen=True):
    """A place between two steps: where it begins, in which case or on a failure, and where it leads, if anywhere."""

    source: str
    target: str = ""
    case: str | None = None
    error: bool = False


class Wiring:
    """The steps of a recipe with every way between them spelled out, to be changed and written back."""

    def __init__(self, document: RecipeDocument) -> None:
        steps = document.spec.steps
        graph = draw(steps, [])
        if len(graph.edges) != len(steps):
            raise InvalidError("Two steps have the same id; give them different ones first.")
        self._plain = to_plain(document)
        self._steps: list[dict[str, Any]] = self._plain["spec"].setdefault("steps", [])
        self._ways = {step: [edge for edge in edges if not edge.error] for step, edges in graph.edges.items()}
        self._before = {step: list(edges) for step, edges in self._ways.items()}

    def insert(self, part: Mapping[str, Any], way: Way) -> str:
        """Put a new step into a way, or at its open end; returns the step's id."""
        taken = [step["id"] for step in self._steps]
        made = {"id": free_name(str(part["uses"]).rpartition(".")[2], taken), **part}
        self._place([made], way)
        self._join(way, [made["id"]], [made["id"]])
        return str(made["id"])

    def remove(self, gone: Collection[str]) -> None:
        """Take steps out; what came after them comes after what was before them."""
        for identity in [step["id"] for step in self._steps if step["id"] in gone]:
            followers = [step for step, edges in self._ways.items() if any(edge.step == identity for edge in edges)]
            before = self._ways.pop(identity)
            for step in followers:
                self._ways[step] = _unique(
                    one for edge in self._ways[step] for one in (before if edge.step == identity else [edge])
                )
            self._steps[:] = [step for step in self._steps if step["id"] != identity]
            for one in self._steps:
                if one.get("on_error") == identity:
                    self._catch(one, followers[0] if len(followers) == 1 else None)

    def connect(self, way: Way) -> None:
        """Lead from one step to another; refuses to go round in a circle."""
        if way.source == way.target or way.source in self._after(way.target):
            raise InvalidError("The steps would go round in a circle.")
        if way.error:
            self._catch(self._step(way.source), way.target)
        elif way.source == START:
            self._ways[way.target] = []
        else:
            edge = Edge(way.source, way.case)
            self._ways[way.target] = _unique([*self._ways[way.target], edge])

    def lead(self, step: str, edges: Sequence[Edge], on_error: str = "") -> None:
        """Have a step come after these and no others, after none: after the trigger; and say what its failure does."""
        after = self._after(step)
        if any(edge.step in after for edge in edges):
            raise InvalidError("The steps would go round in a circle.")
        self._step(step)
        self._ways[step] = _unique(edge for edge in edges if edge.step != START)
        if on_error in self._ways:
            self.connect(Way(step, on_error, error=True))
        elif on_error:
            self._catch(self._step(step), on_error if on_error != "dead_letter" else None)

    def before(self, step: str) -> Sequence[Edge]:
        """Return what a step comes after, nothing for the trigger."""
        self._step(step)
        return tuple(self._ways[step])

    def candidates(self, step: str) -> list[str]:
        """Return the steps that may come before a step: all but itself and what comes after it."""
        after = self._after(step)
        return [one["id"] for one in self._steps if one["id"] not in after]

    def move(self, step: str, *, up: bool) -> None:
        """Let a step change places with the one before it, or with the one after it."""
        self._step(step)
        if not up:
            followers = [one for one, edges in self._ways.items() if any(edge.step == step for edge in edges)]
            if len(followers) != 1:
                raise InvalidError("Several steps come after this one, or none; say what it comes after instead.")
            step = followers[0]
        edges = self._ways[step]
        if len(edges) != 1:
            raise InvalidError("This step cannot be moved up: no single step comes before it. Say what it comes after.")
        into, earlier = edges[0], edges[0].step
        beside = [one for one, ways in self._ways.items() if one != step and Edge(earlier, into.case) in ways]
        cased = any(edge.step == step and edge.case is not None for ways in self._ways.values() for edge in ways)
        if beside or cased:
            raise InvalidError("Several ways part here; say what the step comes after instead.")
        for one, ways in self._ways.items():
            self._ways[one] = [Edge(earlier, into.case) if edge == Edge(step) else edge for edge in ways]
        self._ways[step], self._ways[earlier] = self._ways[earlier], [Edge(step)]
        if step in self._after(earlier):
            raise InvalidError("The steps would go round in a circle.")
        moved = self._step(step)
        self._steps.remove(moved)
        self._steps.insert(next(place for place, one in enumerate(self._steps) if one["id"] == earlier), moved)

    def cut(self, way: Way) -> None:
        """Take a way away; a step that no way leads to any more comes right after the trigger."""
        if way.error:
            self._catch(self._step(way.source), None)
        elif way.target in self._ways:
            edge = Edge(way.source, way.case)
            self._ways[way.target] = [one for one in self._ways[way.target] if one != edge]

    def paste(self, text: str, way: Way) -> list[str]:
        """Put copied steps into a way; ids that are taken are changed, also where templates name them."""
        copied = _read(text, self._plain)
        taken = {step["id"] for step in self._steps}
        names: dict[str, str] = {}
        for step in copied.spec.steps:
            names[step.id] = free_name(step.id, [*taken, *names.values()])
        inner = Wiring(copied)
        made = [_renamed(step, names) for step in to_plain(copied)["spec"]["steps"]]
        for step in made:
            step.pop("after", None)
            if step.get("on_error", "dead_letter") not in {*WORDS, *names.values()}:
                step.pop("on_error")
        for old, edges in inner._ways.items():
            self._ways[names[old]] = [Edge(names[edge.step], edge.case) for edge in edges]
        caught = {step.get("on_error") for step in made}
        led = {edge.step for new in names.values() for edge in self._ways[new]}
        heads = [new for new in names.values() if not self._ways[new] and new not in caught]
        self._place(made, way)
        self._join(way, heads, [new for new in names.values() if new not in led])
        return list(names.values())

    def change(self, step: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a plain step, or the trigger, in its place."""
        change(self._plain["spec"]["trigger"] if step == START else self._step(step))

    def document(self) -> RecipeDocument:
        """Return the recipe as it is now; `after` is only written where the order of the steps does not say it."""
        caught = {step.get("on_error") for step in self._steps}
        self._forget()
        for place, step in enumerate(self._steps):
            identity, wanted = step["id"], self._ways[step["id"]]
            first = place == 0 or identity in caught
            implied = [] if first else [Edge(self._steps[place - 1]["id"])]
            if "after" in step and wanted == self._before.get(identity):
                continue
            step.pop("after", None)
            if wanted != implied:
                step["after"] = _written(wanted)
        return from_plain(self._plain)

    def _forget(self) -> None:
        """Take steps that are gone off the canvas, and groups that hold none any more."""
        canvas = self._plain["metadata"].get("canvas", {})
        known = {START, *self._ways}
        for step in [one for one in canvas.get("places", {}) if one not in known]:
            del canvas["places"][step]
        for name, group in list(canvas.get("groups", {}).items()):
            group["steps"] = [step for step in group["steps"] if step in known]
            if not group["steps"]:
                del canvas["groups"][name]

    def _join(self, way: Way, heads: Sequence[str], tails: Sequence[str]) -> None:
        """Lead into the first of some steps and on from the last of them."""
        if way.error:
            self._catch(self._step(way.source), heads[0])
        for head in heads:
            self._ways[head] = [] if way.error or way.source == START else [Edge(way.source, way.case)]
        if way.target:
            edge = Edge(way.source, way.case)
            kept = [one for one in self._ways[way.target] if way.error or one != edge]
            self._ways[way.target] = [*kept, *(Edge(tail) for tail in tails)]

    def _place(self, made: Sequence[dict[str, Any]], way: Way) -> None:
        """Write new steps where a reader looks for them: before what follows, else after all that come before."""
        names = [step["id"] for step in self._steps]
        leads_on = any(edge.step == way.source for edges in self._ways.values() for edge in edges)
        if way.target:
            place = names.index(way.target)
        elif way.source in names and not leads_on:
            place = names.index(way.source) + 1
        else:
            place = len(names)
        self._steps[place:place] = made

    def _catch(self, step: dict[str, Any], catcher: str | None) -> None:
        if catcher is None:
            step.pop("on_error", None)
        else:
            step["on_error"] = catcher

    def _step(self, identity: str) -> dict[str, Any]:
        found = next((step for step in self._steps if step["id"] == identity), None)
        if found is None:
            raise InvalidError("This step is not there any more.")
        return found

    def _after(self, start: str) -> set[str]:
        """Return a step and all that come after it."""
        ways = [(edge.step, step) for step, edges in self._ways.items() for edge in edges]
        ways += [(step["id"], str(step["on_error"])) for step in self._steps if "on_error" in step]
        found, fresh = {start}, {start}
        while fresh:
            fresh = {target for origin, target in ways if origin in fresh} - found
            found |= fresh
        return found


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or the name with the first number that is free."""
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 9999))) if one not in taken)


def _unique(edges: Iterable[Edge]) -> list[Edge]:
    return list(dict.fromkeys(edges))


def _written(edges: Sequence[Edge]) -> str | list[str | dict[str, str]]:
    if not edges:
        return START
    if len(edges) == 1 and edges[0].case is None:
        return edges[0].step
    return [edge.step if edge.case is None else {"step": edge.step, "case": edge.case} for edge in edges]


def _read(text: str, plain: Mapping[str, Any]) -> RecipeDocument:
    """Read a list of steps, or all steps of a recipe, as a recipe of its own."""
    if len(text) > MOST_PASTED:
        raise InvalidError("This is too much to paste at once.")
    found = source.read(text)
    if isinstance(found, dict):
        found = found.get("spec", found).get("steps") if isinstance(found.get("spec", found), dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(step, dict) for step in found):
        raise InvalidError("What was copied is no list of steps. Copy steps here, or from a recipe's text.")
    spec = {**plain["spec"], "steps": found}
    try:
        return from_plain({**plain, "spec": spec})
    except InvalidError as error:
        problems = [Problem(one.path.removeprefix("spec."), one.message) for one in error.errors]
        raise InvalidError("What was copied cannot be read as steps.", errors=problems) from error


def _renamed(value: Any, names: Mapping[str, str], key: str = "") -> Any:
    """Return a step with other ids: its own, whom it leads to when it fails, and whom its templates name."""
    if isinstance(value, dict):
        return {name: _renamed(held, names, name) for name, held in value.items()}
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if not isinstance(value, str):
        return value
    if key in {"id", "on_error"} and value in names:
        return names[value]
    changed = {old: new for old, new in names.items() if old != new}
    if not changed:
        return value
    word = re.compile(rf"(?<![\w.'\"-])({'|'.join(map(re.escape, changed))})(?![\w-])")
    return _LIQUID.sub(lambda found: word.sub(lambda one: changed[one.group()], found.group()), value)
