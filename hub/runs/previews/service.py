"""Previews: a step as it is being filled in, over the samples that a recipe has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Settings
from connectors.sdk.describe import describe
from connectors.sdk.registry import find
from hub.errors import NotFoundError, Problem
from hub.members import Member, Verb
from hub.recipes import BUILT_INS, RecipeDocument, Recipes, from_plain, to_plain
from hub.recipes.document import Step
from hub.recipes.names import has_template
from hub.recipes.rendering import Cell, Place, Row, Sheet, render
from hub.recipes.templates import is_template
from hub.runs.previews.fitting import absence, failing, misfit
from hub.runs.previews.sources import TRIGGER, Schemas, Sources, scope_with
from hub.runs.previews.views import FieldPreview, KnownFields, Preview, SampleName, Trial
from hub.runs.trying import Tries
from hub.runs.trying.drafts import Draft, draft_of
from hub.shapes import join

MOST = 20
MOST_PLACES = 300
LARGEST = 20_000_000


class Previews:
    """Shows what a step can use and what it would make of it; nothing is done and nothing is kept."""

    def __init__(self, tries: Tries, recipes: Recipes, schemas: Schemas) -> None:
        self._tries = tries
        self._recipes = recipes
        self._sources = Sources(tries, schemas)
        self._renderers = ThreadPoolExecutor(2, thread_name_prefix="preview")

    async def preview(
        self, member: Member, recipe: UUID, trial: Trial, *, document: RecipeDocument | None = None
    ) -> Preview:
        """Render the values of a step over the samples and check it as saving would."""
        member.authorize(Verb.PLAN)
        drafted = document or (await draft_of(member, recipe)).document
        changed, prefix = _changed(drafted, trial)
        problems = [
            Problem(problem.path.removeprefix(prefix).removeprefix("."), problem.message)
            for problem in await self._recipes.validate(member, changed)
            if problem.path == prefix or problem.path.startswith((f"{prefix}.", f"{prefix}["))
        ]
        step = _step(changed, trial.step)
        if step is None:
            return Preview(samples=(), fields=(), problems=problems)
        known = await self._tries.known(member, recipe, step.id, limit=_limit(trial.limit), document=changed)
        scopes = _affordable([scope_with(one, changed, recipe) for one in known])
        places = list(_places(step))[:MOST_PLACES]
        whole = list(_wholes(step))
        rows = await self._rendered(step, [*places, *whole], scopes)
        samples = [SampleName(id=one.sample.id, title=one.sample.title) for one in known[: len(scopes)]]
        return Preview(
            samples=samples,
            fields=_previews(step, places, whole, rows),
            problems=problems,
            elements=[row.elements for row in rows],
            rows=[row.rows for row in rows],
        )

    async def fields(
        self, member: Member, recipe: UUID, trial: Trial, *, document: RecipeDocument | None = None
    ) -> KnownFields:
        """Return everything that the values of a step can use: the trigger, the steps before it, and variables."""
        member.authorize(Verb.READ)
        draft = await draft_of(member, recipe)
        changed, _ = _changed(document or draft.document, trial)
        return await self._sources.fields(member, recipe, Draft(changed, (), draft.version), trial)

    async def _rendered(self, step: Step, places: Sequence[Place], scopes: Sequence[Mapping[str, Any]]) -> list[Row]:
        if not scopes or not places:
            return []
        rows = step.settings.get("rows") if _record_of(step) else None
        sheet = Sheet(places=places, scopes=scopes, each=step.each, alias=step.alias or "element", rows=rows)
        return await asyncio.get_running_loop().run_in_executor(self._renderers, render, sheet)


def _changed(document: RecipeDocument, trial: Trial) -> tuple[RecipeDocument, str]:
    """Return the document with the step as it is being filled in, and the step's path."""
    plain = to_plain(document)
    steps = plain["spec"].get("steps", [])
    if trial.step == TRIGGER:
        place, prefix = plain["spec"]["trigger"], "spec.trigger"
    else:
        index = next((index for index, one in enumerate(steps) if one["id"] == trial.step), None)
        if index is None:
            raise NotFoundError(f"The draft has no step {trial.step[:100]!r}.")
        place, prefix = steps[index], f"spec.steps[{index}]"
    for name, value in trial.place.items():
        if name in {"id", "uses"}:
            continue
        place[name] = value
        if value is None:
            del place[name]
    return from_plain(plain), prefix


def _step(document: RecipeDocument, name: str) -> Step | None:
    return next((step for step in document.spec.steps if step.id == name), None)


def _affordable(scopes: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Leave out samples once those before are large enough together."""
    kept: list[dict[str, Any]] = []
    size = 0
    for scope in scopes:
        size += len(msgspec.json.encode(scope))
        if kept and size > LARGEST:
            break
        kept.append(scope)
    return kept


def _limit(limit: int) -> int:
    return min(max(limit, 1), MOST)


def _settings_of(step: Step) -> type[Settings] | None:
    built_in = BUILT_INS.get(step.uses)
    if built_in is not None:
        return built_in.settings
    part = find(step.uses)
    return part.settings if part else None


def _record_of(step: Step) -> str:
    """Return the name of the setting that makes up the written row, where there is one."""
    settings = _settings_of(step)
    return next((one.name for one in describe(settings) if one.record), "") if settings else ""


def _pages_of(step: Step) -> set[str]:
    """Return the names of the settings that hold HTML."""
    settings = _settings_of(step)
    return {one.name for one in describe(settings) if one.shape == "html"} if settings else set()


def _places(step: Step) -> Iterator[Place]:
    """Find every text with a template in a step."""
    record, pages, looped = _record_of(step), _pages_of(step), step.each is not None
    yield from _texts(step.each, "each")
    yield from _texts(step.when, "when")
    for name, value in step.settings.items():
        if name in pages and isinstance(value, str) and is_template(value):
            yield Place(path=join("with", name), value=value, looped=looped, page=True)
            continue
        rowed = name == record and step.settings.get("rows") is not None
        yield from _texts(value, join("with", name), looped=looped, rowed=rowed)


def _texts(value: Any, path: str, *, looped: bool = False, rowed: bool = False) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, join(path, key), looped=looped, rowed=rowed)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]", looped=looped, rowed=rowed)
    elif isinstance(value, str) and is_template(value):
        yield Place(path=path, value=value, looped=looped, rowed=rowed)


def _wholes(step: Step) -> Iterator[Place]:
    """Find every setting with templates that takes values of one type only."""
    settings = _settings_of(step)
    for field in describe(settings) if settings else ():
        value = step.settings.get(field.name)
        if field.templated and not field.record and has_template(value):
            yield Place(path=join("with", field.name), value=value, looped=step.each is not None)


def _previews(step: Step, places: Sequence[Place], whole: Sequence[Place], rows: Sequence[Row]) -> list[FieldPreview]:
    settings = _settings_of(step)
    warnings: dict[str, str] = {}
    declared = {join("with", one.name): one for one in describe(settings)} if settings else {}
    for index, place in enumerate(whole, len(places)):
        if settings is not None and rows:
            warnings[place.path] = misfit(settings, declared[place.path], [row.cells[index] for row in rows])
    found = []
    for index, place in enumerate(places):
        cells: Sequence[Cell] = [row.cells[index] for row in rows]
        warning = absence(cells) or warnings.pop(place.path, "")
        if place.path == "each" and not warning and any(cell.kind not in {"list", "nothing"} for cell in cells):
            warning = "This gives no list; a list is asked for."
        found.append(FieldPreview(path=place.path, cells=cells, failing=failing(cells), warning=warning))
    rest = [FieldPreview(path=path, cells=(), warning=warning) for path, warning in warnings.items() if warning]
    return [*found, *rest]
