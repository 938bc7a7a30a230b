"""From a document to what the engine walks through: steps in order, compiled values, stages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk import Lookup, Shape, Target, fields_of
from connectors.sdk.registry import find, find_trigger
from hub.errors import InvalidError, Problem
from hub.recipes.builtins import BUILT_INS, Work
from hub.recipes.compiled import CompiledRecipe, CompiledStep, CompiledTrigger, OnError, Retrying, Stage
from hub.recipes.conditions import ALWAYS, compile_condition
from hub.recipes.document import RecipeDocument, Retry, Step, Trigger
from hub.recipes.durations import seconds
from hub.recipes.graph import WORDS, Edge, Graph, draw
from hub.recipes.liquid import TemplateError
from hub.recipes.local import LOCALS, Local, Source
from hub.recipes.people import RECORD, REVIEW, reviewed
from hub.recipes.templates import Rendered, compile_settings, compile_value
from hub.recipes.zones import zone_of

_ALONE = (Work.EXTRACT,)
_ENDS = (Work.STORE, Work.LOOKUP, Work.TARGET, Work.PAUSE)


def compile_recipe(document: RecipeDocument, only: Collection[str] | None = None) -> CompiledRecipe:
    """Compile a document that has been validated; raises InvalidError when it cannot run.

    With `only`, steps of other names are left out, with whatever is wrong with them.
    """
    problems: list[Problem] = []
    spec = document.spec
    graph = draw(spec.steps, problems if only is None else [])
    steps = []
    for place, index in enumerate(graph.order):
        if only is not None and spec.steps[index].id not in only:
            continue
        compiled = _step(document, index, place, graph, problems)
        steps.extend([compiled] if compiled else [])
    trigger = _trigger(spec.trigger, problems)
    subject = (
        _value(spec.settings.subject.key, "spec.settings.subject.key", problems) if spec.settings.subject else None
    )
    if problems or trigger is None:
        raise InvalidError("This recipe cannot run yet.", errors=problems)
    return CompiledRecipe(
        name=document.metadata.name,
        title=document.metadata.title,
        trigger=trigger,
        steps=tuple(steps),
        by_id={step.id: step for step in steps},
        stages=stages_of(steps),
        concurrency=spec.settings.concurrency,
        time_zone=spec.settings.time_zone,
        keep_outputs=spec.settings.keep_outputs,
        subject=subject,
        live=spec.settings.subject.live if spec.settings.subject else "start",
        variables=spec.vars,
        responds=any(step.uses == "respond" and not step.disabled for step in steps),
    )


def stages_of(steps: Sequence[CompiledStep]) -> tuple[Stage, ...]:
    """Cut the steps into the longest chains that one activity can do."""
    chains: list[list[CompiledStep]] = []
    open_chain = False
    for step in steps:
        alone = step.work in _ALONE
        if alone or not open_chain:
            chains.append([])
        chains[-1].append(step)
        open_chain = not alone and step.work not in _ENDS
    return tuple(Stage(index=index, steps=tuple(chain)) for index, chain in enumerate(chains))


def _trigger(trigger: Trigger, problems: list[Problem]) -> CompiledTrigger | None:
    part = find_trigger(trigger.uses)
    if part is None:
        problems.append(Problem("spec.trigger.uses", f"There is no trigger {trigger.uses!r}."))
        return None
    return CompiledTrigger(
        uses=trigger.uses,
        part=part,
        connection=trigger.connection,
        settings=_values(trigger.settings, "spec.trigger.with", problems),
    )


def _step(
    document: RecipeDocument, index: int, place: int, graph: Graph, problems: list[Problem]
) -> CompiledStep | None:
    step, path = document.spec.steps[index], f"spec.steps[{index}]"
    edges = tuple(graph.edges[step.id])
    found = BUILT_INS.get(step.uses) or find(step.uses)
    if found is None or not isinstance(found, (Lookup, Target, type(BUILT_INS["set"]))):
        problems.append(Problem(f"{path}.uses", f"There is no step {step.uses!r}."))
        return None
    part = found if isinstance(found, (Lookup, Target)) else None
    work = Work.TARGET if isinstance(found, Target) else Work.LOOKUP if isinstance(found, Lookup) else found.work
    local = _local(step, path, edges, document, problems) if work is Work.LOCAL else None
    record, rows = _written(step, part, path, problems)
    return CompiledStep(
        id=step.id,
        index=place,
        path=path,
        uses=step.uses,
        work=work,
        part=part,
        connection=step.connection,
        settings=_settings(step, part, work, path, problems)
        if step.uses != REVIEW
        else _reviewing(document, graph, step, path, problems),
        record=record,
        rows=rows,
        when=compile_condition(step.when, f"{path}.when", problems, zone=zone_of(document.spec.settings.time_zone))
        if step.when is not None
        else ALWAYS,
        each=_value(step.each, f"{path}.each", problems) if step.each is not None else None,
        alias=step.alias or "element",
        edges=edges,
        retrying=_retrying(step.retry or document.spec.settings.retry or Retry()),
        timeout=seconds(step.timeout) if step.timeout else None,
        concurrency=step.concurrency,
        on_error=OnError(step.on_error) if step.on_error in WORDS else OnError.STEP,
        error_step=None if step.on_error in WORDS else step.on_error,
        resend=step.when_unknown == "resend",
        disabled=step.disabled,
        local=local,
    )


def _settings(step: Step, part: Lookup | Target | None, work: Work, path: str, problems: list[Problem]) -> Rendered:
    """Compile what stays once the rows are taken out, which are rendered one by one; their mapping is left empty."""
    if work is Work.LOCAL:
        return compile_value({})
    written = _record_field(part)
    left_out = {written, "rows"} if written else set()
    kept = {name: value for name, value in step.settings.items() if name not in left_out}
    if written:
        kept[written] = {}
    if part is None:
        kept = _defaults(step.uses) | kept
    pages = (
        [name for name, declared in fields_of(part.settings).items() if declared.shape is Shape.HTML] if part else []
    )
    return _values(kept, f"{path}.with", problems, pages)


def _reviewing(document: RecipeDocument, graph: Graph, step: Step, path: str, problems: list[Problem]) -> Rendered:
    """Compile a review, which reads the record of an extract step besides its settings."""
    source = reviewed(document.spec.steps, graph, step)
    if source is None:
        problems.append(Problem(f"{path}.uses", "A review needs an extract step before it."))
    settings = {**_defaults(step.uses), **step.settings, "source": source, RECORD: f"{{{{ {source} }}}}"}
    return _values(settings, f"{path}.with", problems)


def _defaults(uses: str) -> dict[str, Any]:
    kind = BUILT_INS[uses].settings
    if kind is None:
        return {}
    fields = msgspec.structs.fields(kind)
    return {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}


def _written(
    step: Step, part: Lookup | Target | None, path: str, problems: list[Problem]
) -> tuple[Rendered | None, Rendered | None]:
    """Return the value of the record's mapping, and the list of rows it is rendered for."""
    name = _record_field(part)
    if name is None:
        return None, None
    record = _value(step.settings[name], f"{path}.with.{name}", problems) if name in step.settings else None
    rows = _value(step.settings["rows"], f"{path}.with.rows", problems) if "rows" in step.settings else None
    return record, rows


def _record_field(part: Lookup | Target | None) -> str | None:
    if not isinstance(part, Target):
        return None
    return next((name for name, declared in fields_of(part.settings).items() if declared.record), None)


def _local(
    step: Step, path: str, edges: tuple[Edge, ...], document: RecipeDocument, problems: list[Problem]
) -> Local | None:
    source = Source(
        settings=step.settings,
        path=f"{path}.with",
        edges=edges,
        time_zone=document.spec.settings.time_zone,
        problems=problems,
    )
    try:
        return LOCALS[step.uses](source)
    except (TemplateError, msgspec.ValidationError) as error:
        problems.append(Problem(source.path, str(error)))
        return None


def _retrying(retry: Retry) -> Retrying:
    return Retrying(retry.attempts, seconds(retry.first), retry.factor, seconds(retry.max))


def _values(settings: Mapping[str, Any], path: str, problems: list[Problem], pages: Collection[str] = ()) -> Rendered:
    for name, value in settings.items():
        _value(value, f"{path}.{name}", problems)
    return compile_settings(settings, pages) if not problems else compile_value({})


def _value(value: Any, path: str, problems: list[Problem]) -> Rendered:
    try:
        return compile_value(value)
    except TemplateError as error:
        problems.append(Problem(path, str(error)))
        return compile_value(None)
