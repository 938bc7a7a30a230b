"""Steps that wait for a person: what a review looks at, and whether those who are to answer belong here."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from hub.errors import Problem
from hub.recipes.document import Step
from hub.recipes.graph import Graph
from hub.shapes import suggest

REVIEW = "review"
# Under which name a compiled review's settings hold what it looks at
RECORD = "$record"
NAMED = ("assignee", "approvers", "escalate_to")


def reviewed(steps: Sequence[Step], graph: Graph, step: Step) -> str | None:
    """Return the extract step whose record a review looks at: the named one, else the last one before it."""
    named = step.settings.get("source")
    if isinstance(named, str):
        return named
    before = graph.before.get(step.id, frozenset())
    found = [steps[index].id for index in graph.order if steps[index].uses == "extract" and steps[index].id in before]
    return found[-1] if found else None


def check_reviewed(steps: Sequence[Step], graph: Graph, step: Step, path: str) -> list[Problem]:
    """Return what is wrong with the step that a review looks at."""
    source = reviewed(steps, graph, step)
    if source is None:
        return [Problem(f"{path}.uses", "A review needs an extract step before it.")]
    found = next((one for one in steps if one.id == source), None)
    if found is not None and found.uses == "extract" and source in graph.before.get(step.id, frozenset()):
        return []
    extracts = [one.id for one in steps if one.uses == "extract"]
    words = f"There is no extract step {source[:60]!r} before this one.{suggest(source, extracts)}"
    return [Problem(f"{path}.with.source", words)]


def check_members(step: Step, path: str, known: AbstractSet[str] | None) -> list[Problem]:
    """Return a problem for everybody who is to answer and is no member; None: members are not known here."""
    if known is None:
        return []
    problems = []
    for name in NAMED:
        named = step.settings.get(name)
        for one in named if isinstance(named, list) else [named]:
            if isinstance(one, str) and "@" in one and one.lower() not in known:
                words = f"Nobody in this workspace has the address {one[:100]!r}.{suggest(one, known)}"
                problems.append(Problem(f"{path}.with.{name}", words))
    return problems
