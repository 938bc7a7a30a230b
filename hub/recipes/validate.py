"""Everything that must be right before a recipe may run, each mistake with its path and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from connectors.sdk import Connector, Lookup, Target, Trigger, TriggerKind
from connectors.sdk.registry import find, find_connector, find_trigger, registry
from hub.errors import Problem
from hub.recipes.asking import Approve, Review
from hub.recipes.builtins import BUILT_INS, BuiltIn, CallRecipe, Extract
from hub.recipes.compiled import MAX_ELEMENTS
from hub.recipes.conditions import compile_condition
from hub.recipes.document import After, RecipeDocument, Step
from hub.recipes.durations import seconds
from hub.recipes.graph import WORDS, Graph, draw
from hub.recipes.names import ALWAYS, RESERVED, Names, check_templates, refuse_templates
from hub.recipes.people import check_members, check_reviewed
from hub.recipes.settings import check_settings
from hub.recipes.zones import is_zone, zones
from hub.shapes import join, suggest

_ROUTES = frozenset({"validate", "apply", "import"})
# What an import puts where a part of another tool had no counterpart
_FOREIGN = {"n8n": "n8n", "zapier": "Zapier", "node_red": "Node-RED"}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the workspace has, names in lower case; None: not known here, so not checked."""

    connections: Mapping[str, str] | None = None
    schemas: AbstractSet[str] | None = None
    recipes: AbstractSet[str] | None = None
    members: AbstractSet[str] | None = None
    calls: Mapping[str, AbstractSet[str]] = {}


def validate(document: RecipeDocument, known: Known | None = None) -> list[Problem]:
    """Return every problem, each once, in the order of the document."""
    problems: list[Problem] = []
    graph = draw(document.spec.steps, problems)
    _Check(document, graph, known or Known(), problems).run()
    unique = dict.fromkeys((problem.path, problem.message) for problem in problems)
    return [Problem(path, message) for path, message in unique]


class _Check:
    """One validation of one document."""

    def __init__(self, document: RecipeDocument, graph: Graph, known: Known, problems: list[Problem]) -> None:
        self._spec = document.spec
        self._name = document.metadata.name
        self._graph = graph
        self._known = known
        self._problems = problems
        self._steps = frozenset(step.id for step in document.spec.steps)
        self._variables = frozenset(document.spec.vars)

    def run(self) -> None:
        """Check every part."""
        if self._name.lower() in _ROUTES or (self._name.startswith("rcp_") and len(self._name) == 30):
            self._say("metadata.name", f"{self._name!r} has a meaning in addresses; choose another name.")
        self._check_trigger()
        self._check_recipe_settings()
        refuse_templates(self._spec.vars, "spec.vars", self._problems)
        if not self._spec.steps:
            self._say("spec.steps", "A recipe needs at least one step.")
        for index, step in enumerate(self._spec.steps):
            self._check_step(step, f"spec.steps[{index}]")

    def _say(self, path: str, message: str) -> None:
        self._problems.append(Problem(path, message))

    def _check_trigger(self) -> None:
        trigger = self._spec.trigger
        part = find_trigger(trigger.uses)
        if part is None:
            self._say("spec.trigger.uses", _no_trigger(trigger.uses))
            return
        self._check_connection(part.connector, trigger.connection, "spec.trigger")
        names = self._names({"trigger", "recipe", "vars"})
        check_settings(part.settings, trigger.settings, "spec.trigger.with", names, self._problems)

    def _check_recipe_settings(self) -> None:
        settings = self._spec.settings
        if not is_zone(settings.time_zone):
            near = suggest(settings.time_zone, zones()) or " Write it like Europe/Paris or UTC."
            self._say("spec.settings.time_zone", f"There is no time zone {settings.time_zone[:60]!r}.{near}")
        if settings.subject:
            names = self._names({"trigger", "recipe", "vars"})
            check_templates(settings.subject.key, "spec.settings.subject.key", names, self._problems)

    def _check_step(self, step: Step, path: str) -> None:
        if step.id in RESERVED:
            self._say(f"{path}.id", f"{step.id!r} has a meaning in templates; choose another name.")
        found = BUILT_INS.get(step.uses) or find(step.uses)
        names = self._names(ALWAYS | self._graph.before.get(step.id, frozenset()) | self._error_names(step))
        self._check_loop(step, path, names, found)
        if step.when is not None:
            compile_condition(step.when, f"{path}.when", self._problems)
            check_templates(step.when, f"{path}.when", names, self._problems)
        self._check_cases(step, path)
        if step.timeout is not None and not seconds(step.timeout):
            self._say(f"{path}.timeout", "A step needs some time.")
        inner = names.with_also(step.alias or "element", "loop") if step.each is not None else names
        if isinstance(found, (Lookup, Target)):
            self._check_connection(found.connector, step.connection, path)
            check_settings(found.settings, step.settings, f"{path}.with", inner, self._problems)
        elif isinstance(found, BuiltIn):
            self._check_built_in(step, found, path, inner)
        else:
            self._say(f"{path}.uses", _no_step(step.uses))

    def _check_built_in(self, step: Step, found: BuiltIn, path: str, names: Names) -> None:
        if step.connection is not None:
            self._say(f"{path}.connection", f"{found.title} needs no connection.")
        if found.settings is not None:
            check_settings(found.settings, step.settings, f"{path}.with", names, self._problems)
        elif found.name == "filter":
            compile_condition(step.settings, f"{path}.with", self._problems)
            check_templates(step.settings, f"{path}.with", names, self._problems)
        else:
            self._check_branch(step, path, names)
        if found.settings is Extract:
            self._check_known(step, path, "schema", self._known.schemas)
        elif found.settings is CallRecipe:
            self._check_called(step, path)
        elif found.settings in (Review, Approve):
            self._check_people(step, found, path)
        elif found.name == "respond":
            self._check_respond(path)

    def _check_people(self, step: Step, found: BuiltIn, path: str) -> None:
        if found.settings is Review:
            self._problems.extend(check_reviewed(self._spec.steps, self._graph, step, path))
        self._problems.extend(check_members(step, path, self._known.members))

    def _check_branch(self, step: Step, path: str, names: Names) -> None:
        for name in step.settings:
            if name not in {"cases", "else"}:
                near = suggest(name, ("cases", "else"))
                self._say(join(f"{path}.with", name), f"There is no setting {name[:60]!r}.{near}")
        cases = step.settings.get("cases")
        if not isinstance(cases, dict) or not cases:
            self._say(f"{path}.with.cases", "Expected a map of case names to conditions.")
            return
        for name, condition in cases.items():
            place = join(f"{path}.with.cases", name)
            compile_condition(condition, place, self._problems)
            check_templates(condition, place, names, self._problems)
        otherwise = step.settings.get("else")
        if otherwise is not None and (not isinstance(otherwise, str) or not otherwise):
            self._say(f"{path}.with.else", "Expected the name of a case.")

    def _check_called(self, step: Step, path: str) -> None:
        name = step.settings.get("recipe")
        if isinstance(name, str) and name.lower() == self._name.lower():
            self._say(f"{path}.with.recipe", "A recipe cannot call itself.")
            return
        self._check_known(step, path, "recipe", self._known.recipes)
        if isinstance(name, str) and (way := _way(self._known.calls, name.lower(), self._name.lower())):
            self._say(f"{path}.with.recipe", f"The recipe would call itself: {' -> '.join([self._name, *way])}.")

    def _check_known(self, step: Step, path: str, kind: str, known: AbstractSet[str] | None) -> None:
        name = step.settings.get(kind)
        # A schema may be pinned to a version: invoice@3.
        bare = name.partition("@")[0] if isinstance(name, str) and kind == "schema" else name
        if known is not None and isinstance(name, str) and str(bare).lower() not in known:
            self._say(f"{path}.with.{kind}", f"There is no {kind} named {name[:60]!r}.{suggest(name, known)}")

    def _check_respond(self, path: str) -> None:
        part = find_trigger(self._spec.trigger.uses)
        if part is not None and part.kind is not TriggerKind.WEBHOOK:
            self._say(f"{path}.uses", "Only a recipe with a webhook trigger can respond.")

    def _check_connection(self, connector: Connector, name: str | None, path: str) -> None:
        place = f"{path}.connection"
        if connector.connection is None:
            if name is not None:
                self._say(place, f"{connector.title} needs no connection.")
            return
        if name is None:
            if not connector.connection_optional:
                self._say(place, f"{connector.title} needs a connection; name one.")
            return
        if "{{" in name:
            self._say(place, "A connection is always named literally.")
            return
        if self._known.connections is None:
            return
        held = self._known.connections.get(name.lower())
        if held is None:
            self._say(place, f"There is no connection named {name[:60]!r}.{suggest(name, self._known.connections)}")
        elif _family(held) != connector.family:
            self._say(place, f"The connection {name[:60]!r} is for {held}, not for {connector.title}.")

    def _check_loop(self, step: Step, path: str, names: Names, found: object) -> None:
        if step.each is None:
            if step.alias is not None:
                self._say(f"{path}.as", "as names the element of a loop, and there is no each.")
            return
        if isinstance(found, BuiltIn) and not found.loops:
            self._say(f"{path}.each", f"{found.title} is about the whole item and cannot stand in a loop.")
        if step.alias is not None and (step.alias in RESERVED or step.alias in self._steps):
            self._say(f"{path}.as", f"{step.alias!r} is already the name of something else.")
        if isinstance(step.each, str) and "{{" not in step.each:
            self._say(f"{path}.each", "Expected a list, or a template that gives one.")
        if isinstance(step.each, list) and len(step.each) > MAX_ELEMENTS:
            self._say(f"{path}.each", f"A loop may have {MAX_ELEMENTS:,} elements at most.")
        check_templates(step.each, f"{path}.each", names, self._problems)

    def _check_cases(self, step: Step, path: str) -> None:
        """Refuse cases that no branch before the step has."""
        for place, entry in enumerate(step.after if isinstance(step.after, list) else []):
            if not isinstance(entry, After) or entry.case is None or entry.step not in self._steps:
                continue
            cases = self._cases(entry.step)
            if entry.case not in cases:
                near = suggest(entry.case, cases)
                message = f"The step {entry.step!r} has no case {entry.case!r}.{near}"
                self._say(f"{path}.after[{place}].case", message)

    def _cases(self, identity: str) -> list[str]:
        step = next(step for step in self._spec.steps if step.id == identity)
        cases = step.settings.get("cases") if step.uses == "branch" else None
        otherwise = step.settings.get("else")
        return [*(cases if isinstance(cases, dict) else ()), *([otherwise] if isinstance(otherwise, str) else ())]

    def _error_names(self, step: Step) -> set[str]:
        """Return `error` where an on_error leads here, directly or over steps between."""
        caught = {other.on_error for other in self._spec.steps if other.on_error not in WORDS}
        return {"error"} if step.id in caught or caught & self._graph.before.get(step.id, frozenset()) else set()

    def _names(self, known: AbstractSet[str]) -> Names:
        return Names(known=known, steps=self._steps, variables=self._variables)


def _way(calls: Mapping[str, AbstractSet[str]], start: str, goal: str) -> list[str]:
    """Return how one recipe leads to another through published calls, nothing when it does not."""
    ways = {start: [start]}
    waiting = [start]
    while waiting:
        current = waiting.pop()
        for called in sorted(calls.get(current, frozenset()) - ways.keys()):
            ways[called] = [*ways[current], called]
            waiting.append(called)
    return ways.get(goal, [])


def _family(connector: str) -> str:
    found = find_connector(connector)
    return found.family if found else connector


def _no_trigger(uses: str) -> str:
    if origin := _FOREIGN.get(uses.partition(".")[0]):
        return f"This trigger of {origin} has no counterpart. Choose another one."
    if find(uses) is not None:
        return f"{uses} is a step, not a trigger."
    names = [trigger.uses for connector in registry().values() for trigger in connector.triggers.values()]
    return f"There is no trigger {uses!r}.{suggest(uses, names)}"


def _no_step(uses: str) -> str:
    if origin := _FOREIGN.get(uses.partition(".")[0]):
        return f"This step of {origin} has no counterpart. Put steps that do its work in its place, or delete it."
    if isinstance(find(uses), Trigger):
        return f"{uses} is a trigger, not a step."
    parts = [
        part for connector in registry().values() for part in (*connector.lookups.values(), *connector.targets.values())
    ]
    return f"There is no step {uses!r}.{suggest(uses, [*BUILT_INS, *(part.uses for part in parts)])}"
