"""Values with Liquid in them: compiled once, rendered often, typed when they are one expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError
from liquid.static_analysis import TemplateAnalysis
from liquid.template import BoundTemplate

from hub.recipes.liquid import ENVIRONMENT, PAGES, WORDS, TemplateError, evaluate, lookup, plain, show, text_of
from hub.shapes import suggest

Scope = Mapping[str, Any]
Render = Callable[[Scope], Any]
Segments = tuple[str | int, ...]

MAX_TEMPLATE = 50_000
_SIMPLE = re.compile(r"^\{\{-?\s*([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[[0-9]+\])*)\s*-?\}\}$")
_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|[0-9]+")
_NOTHING: frozenset[Segments] = frozenset()


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled value: how to render it, whether it always gives the same, and which paths it reads."""

    render: Render
    constant: bool = True
    paths: frozenset[Segments] = _NOTHING

    @property
    def roots(self) -> frozenset[str]:
        """The names it starts from, such as `trigger` or a step id."""
        return frozenset(str(path[0]) for path in self.paths)


def is_template(text: str) -> bool:
    """Tell whether a text has Liquid in it."""
    return "{{" in text or "{%" in text


def compile_value(value: Any) -> Rendered:
    """Compile a text, or every text inside maps and lists; raises TemplateError with a sentence."""
    if isinstance(value, str):
        return compile_text(value) if is_template(value) else _constant(value)
    if isinstance(value, dict):
        return _compile_map(value)
    if isinstance(value, list):
        return _compile_list(value)
    return _constant(value)


@lru_cache(maxsize=20_000)
def compile_text(text: str) -> Rendered:
    """Compile one text; one that is a single expression keeps the type of its value."""
    if len(text) > MAX_TEMPLATE:
        raise TemplateError(f"This template is longer than {MAX_TEMPLATE} characters.")
    if simple := _SIMPLE.match(text.strip()):
        segments = tuple(int(part) if part.isdigit() else part for part in _SEGMENT.findall(simple.group(1)))
        if segments[0] not in WORDS:
            return Rendered(render=_path(segments), constant=False, paths=frozenset({segments}))
    try:
        template = ENVIRONMENT.from_string(text.strip() if _is_single(text) else text)
    except LiquidError as error:
        raise TemplateError(f"This is not a valid template: {show(error)}.") from error
    analysis = template.analyze(include_partials=False)
    for name in analysis.filters.keys() - ENVIRONMENT.filters.keys():
        raise TemplateError(f"There is no filter {name[:40]!r}.{suggest(name, ENVIRONMENT.filters)}")
    return Rendered(render=_render_of(template, text), constant=False, paths=_paths(analysis))


def compile_settings(settings: Mapping[str, Any], pages: Collection[str] = ()) -> Rendered:
    """Compile the settings of a part; in `pages`, which hold HTML, all that templates put in is escaped."""
    if not any(name in pages for name in settings):
        return compile_value(dict(settings))
    return _compiled(
        {
            name: compile_page(value) if name in pages and isinstance(value, str) else compile_value(value)
            for name, value in settings.items()
        }
    )


def compile_page(text: str) -> Rendered:
    """Compile a text of HTML: what templates put into it is escaped."""
    plainly = compile_value(text)
    if plainly.constant:
        return plainly
    template = PAGES.from_string(text)
    return msgspec.structs.replace(plainly, render=lambda scope: str(evaluate(template, scope, None, text)))


def references(value: Any) -> frozenset[str]:
    """Return the root names that a value with templates reads."""
    return compile_value(value).roots


def _constant(value: Any) -> Rendered:
    return Rendered(render=lambda _: value)


def _compile_map(value: Mapping[str, Any]) -> Rendered:
    parts = {key: compile_value(inner) for key, inner in value.items()}
    return _constant(value) if all(part.constant for part in parts.values()) else _compiled(parts)


def _compiled(parts: Mapping[str, Rendered]) -> Rendered:
    items = [(key, part.render) for key, part in parts.items()]
    return Rendered(
        render=lambda scope: {key: render(scope) for key, render in items},
        constant=all(part.constant for part in parts.values()),
        paths=frozenset().union(*(part.paths for part in parts.values())),
    )


def _compile_list(value: Sequence[Any]) -> Rendered:
    parts = [compile_value(inner) for inner in value]
    if all(part.constant for part in parts):
        return _constant(value)
    renders = [part.render for part in parts]
    return Rendered(
        render=lambda scope: [render(scope) for render in renders],
        constant=False,
        paths=frozenset().union(*(part.paths for part in parts)),
    )


def _path(segments: Segments) -> Render:
    """Resolve a path without Liquid: the hot path of every recipe."""
    root, names = str(segments[0]), segments[1:]

    def render(scope: Scope) -> Any:
        value = scope.get(root)
        for name in names:
            value = value[name] if type(value) is dict and name in value else lookup(value, name)
        return value

    return render


def _is_single(text: str) -> bool:
    stripped = text.strip()
    return stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1


def _render_of(template: BoundTemplate, text: str) -> Render:
    nodes = template.nodes
    if len(nodes) == 1 and isinstance(nodes[0], OutputNode):
        return _expression(template, nodes[0], text)
    joined = _join(nodes)
    return joined or (lambda scope: evaluate(template, scope, None, text))


def _expression(template: BoundTemplate, node: OutputNode, text: str) -> Render:
    segments = _plain_path(node)
    if segments:
        return _path(segments)
    expression = node.expression
    return lambda scope: plain(evaluate(template, scope, expression, text))


def _join(nodes: Sequence[Node]) -> Render | None:
    """Return a renderer for texts that are only words and paths; None when Liquid itself is needed."""
    parts: list[Render] = []
    for node in nodes:
        if isinstance(node, ContentNode):
            parts.append(_constant(node.text).render)
        elif isinstance(node, OutputNode) and (segments := _plain_path(node)):
            parts.append(_path(segments))
        else:
            return None
    return lambda scope: text_of([part(scope) for part in parts])


def _plain_path(node: OutputNode) -> Segments | None:
    """Return the segments of an expression that is nothing but a path."""
    expression = node.expression
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return None
    if not isinstance(expression.left, Path) or any(isinstance(part, Path) for part in expression.left.path):
        return None
    return tuple(part for part in expression.left.path if not isinstance(part, Path))


def _paths(analysis: TemplateAnalysis) -> frozenset[Segments]:
    return frozenset(
        tuple(part for part in variable.segments if not isinstance(part, list))
        for variables in analysis.globals.values()
        for variable in variables
        if isinstance(variable.segments[0], str)
    )
