"""What the values of a step can use: the trigger, the steps before it, variables, and what a loop goes through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from connectors.sdk.registry import find, find_trigger
from hub.errors import HubError
from hub.ids import show
from hub.members import Member
from hub.recipes import RecipeDocument, TemplateError, compile_value
from hub.recipes.document import Step
from hub.recipes.people import REVIEW, reviewed
from hub.recipes.rendering import MOST_SECONDS, inside
from hub.runs.previews.fields import field_of
from hub.runs.previews.views import KnownFields, SampleName, Source, Trial
from hub.runs.trying import KnownSample, Tries, scope_of
from hub.runs.trying.drafts import Draft

MOST = 20
TRIGGER = "trigger"


class Schemas(Protocol):
    """Where the fields of extraction schemas come from."""

    def find(self, member: Member, reference: str) -> Awaitable[Any]:
        """Return a schema with its document; NotFoundError when there is none."""
        ...


class Sources:
    """Finds the fields that templates can read at a step."""

    def __init__(self, tries: Tries, schemas: Schemas) -> None:
        self._tries = tries
        self._schemas = schemas

    async def fields(self, member: Member, recipe: UUID, draft: Draft, trial: Trial) -> KnownFields:
        """Return the fields as they are in the chosen sample; those that only others have, or none yet, as well."""
        document = draft.document
        step = draft.steps.get(trial.step)
        if step is None:
            return KnownFields(samples=(), sources=())
        known = await self._tries.known(member, recipe, step.id, limit=MOST, document=document)
        scopes = [scope_with(one, document, recipe) for one in known]
        chosen = min(max(trial.sample, 0), max(len(scopes) - 1, 0))
        scope = scopes[chosen] if scopes else {"vars": document.spec.vars}
        inside = await asyncio.to_thread(_inside, step, scopes, chosen)
        sources = [*inside, *await self._before(member, draft, step, scopes, chosen)]
        outputs = known[chosen].outputs if known else ()
        states = {one.step: one.source if one.state == "done" else one.state for one in outputs}
        found = [
            Source(name=name, title=title, state=states.get(name, ""), field=field)
            for name, title, field in [*sources, *_always(scope)]
        ]
        return KnownFields(
            samples=[SampleName(id=one.sample.id, title=one.sample.title) for one in known], sources=found
        )

    async def _before(
        self, member: Member, draft: Draft, step: Step, scopes: Sequence[Mapping[str, Any]], chosen: int
    ) -> Sequence[_Found]:
        spec = draft.document.spec
        trigger = find_trigger(spec.trigger.uses)
        declared: list[tuple[str, str, Sequence[Any]]] = [
            (TRIGGER, spec.trigger.title or (trigger.title if trigger else ""), trigger.gives if trigger else ())
        ]
        for name in reversed(draft.before(step.id)):
            before = draft.steps[name]
            declared.insert(-1, (name, before.title, await self._gives(member, draft, before)))
        return [
            (name, title, field_of(name, [one.get(name) for one in scopes], _at(scopes, chosen, name), gives))
            for name, title, gives in declared
        ]

    async def _gives(self, member: Member, draft: Draft, step: Step) -> Sequence[Any]:
        """Return the fields that a step says it gives, for where no sample tells; a review gives what it looks at."""
        if step.uses == REVIEW:
            looked_at = draft.steps.get(reviewed(draft.document.spec.steps, draft.graph, step) or "")
            return await self._gives(member, draft, looked_at) if looked_at and looked_at.uses == "extract" else ()
        if step.uses == "extract" and isinstance(step.settings.get("schema"), str):
            try:
                schema = await self._schemas.find(member, step.settings["schema"])
            except HubError:
                return ()  # the name is wrong, which is said where it stands
            fields: Sequence[Any] = schema.document.get("spec", {}).get("fields", ())
            return fields
        if step.uses == "set" and isinstance(step.settings.get("fields"), dict):
            return list(step.settings["fields"])
        part = find(step.uses)
        return part.gives if part else ()


_Found = tuple[str, str, Any]


def scope_with(known: KnownSample, document: RecipeDocument, recipe: UUID) -> dict[str, Any]:
    """Return the names that templates see for a sample, as a run would give them."""
    metadata = document.metadata
    told = {"name": metadata.name, "title": metadata.title, "version": known.sample.version}
    return {"run": {"id": show("run", recipe)}, "recipe": told, **scope_of(known, document.spec.vars)}


def _at(scopes: Sequence[Mapping[str, Any]], chosen: int, name: str) -> Any:
    return scopes[chosen].get(name) if scopes else None


def _inside(step: Step, scopes: Sequence[Mapping[str, Any]], chosen: int) -> Sequence[_Found]:
    """Return what a loop and a list of rows bring in: the first element of each, for as many samples as time allows."""
    until = time.thread_time() + MOST_SECONDS
    found: list[_Found] = []
    for name, asked in ((step.alias or "element", step.each), ("row", step.settings.get("rows"))):
        if asked is None:
            continue
        try:
            compiled = compile_value(asked)
        except TemplateError:
            continue
        within = [inside(scope, compiled, asked, name)[0] if time.thread_time() < until else {} for scope in scopes]
        field = field_of(name, [one.get(name) for one in within], _at(within, chosen, name))
        found.append((name, "", field))
    return found


def _always(scope: Mapping[str, Any]) -> Sequence[_Found]:
    return [(name, "", field_of(name, (), scope[name])) for name in ("vars", "item") if scope.get(name)]
