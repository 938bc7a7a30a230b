"""Liquid with limits on: loops, output, names, time; no includes, no files, no way out."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO

from liquid import Environment
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.undefined import UNDEFINED, Undefined
from markupsafe import Markup, escape

from hub.recipes.filters import FILTERS
from hub.recipes.filters import json as write_json

MAX_SECONDS = 0.5
MAX_LOOPS = 10_000
MAX_OUTPUT = 2_000_000
MAX_NAMES = 2_000_000
# Liquid's own words; members of values may well have these names
WORDS = frozenset({
    "true", "false", "nil", "null", "empty", "blank", "and", "or", "not", "contains", "in", "if", "else",
    "for", "limit", "offset", "reversed", "cols", "continue", "with", "as", "required",
})  # fmt: skip
_MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_MEMBER = re.compile(rf"""("[^"]*"|'[^']*')|(?<=[\w\]])\.({"|".join(sorted(WORDS))})(?![\w-])""")
_REMOVED = ("include", "render", "increment", "decrement", "ifchanged")


class TemplateError(ValueError):
    """A template cannot be compiled or rendered; the message is a sentence for users."""


class _Context(RenderContext):
    """A rendering that ends when it has worked for long; what others keep the machine busy with is not counted."""

    __slots__ = ("deadline",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = time.thread_time() + MAX_SECONDS

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Resolve a path, unless it took too long to come here."""
        if time.thread_time() > self.deadline:
            raise ResourceLimitError("it takes too long", token=token)
        return super().get(path, token=token, default=default)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """Return a limited buffer that leaves line ends as they are."""
        carry = buf.size if isinstance(buf, LimitedStringIO) else 0
        return LimitedStringIO(limit=MAX_OUTPUT - carry, newline="")


class _Template(BoundTemplate):
    context_class = _Context


class _OutputNode(OutputNode):
    """Shows maps as JSON instead of Python's way; in a page values are escaped unless they say that they are safe."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the expression's value."""
        value = self.expression.evaluate(context)
        if not context.env.autoescape:
            return buffer.write(as_text(value))
        return buffer.write(escape(value if isinstance(value, Markup) else as_text(value)))


class _Output(Output):
    node_class = _OutputNode


class _Environment(Environment):
    """Our limits, our filters, and no ranges but in loops, where they are counted."""

    template_class = _Template
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = MAX_OUTPUT
    local_namespace_limit = MAX_NAMES
    ternary_expressions = True
    logical_not_operator = True
    logical_parentheses = True

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the standard tags and filters, less what reaches outside, and ours."""
        super().setup_tags_and_filters(extra=extra)
        for name in _REMOVED:
            del self.tags[name]
        self.add_tag(_Output)
        self.filters.update(FILTERS)

    def _parse(self, source: str) -> list[Node]:
        nodes = super()._parse(_with_quoted_words(source))
        for node in nodes:
            _refuse_ranges(node)
        return nodes


ENVIRONMENT = _Environment()
PAGES = _Environment(autoescape=True)


def evaluate(template: BoundTemplate, scope: Mapping[str, Any], expression: Expression | None, text: str) -> Any:
    """Return the value of one expression of the template, or the whole of it as text."""
    context = _Context(template, globals=scope)
    try:
        if expression is not None:
            return expression.evaluate(context)
        buffer = context.get_buffer()
        template.render_with_context(context, buffer)
        return buffer.getvalue()
    except LiquidError as error:
        raise TemplateError(f"The template {text[:80]!r} cannot be rendered: {show(error)}.") from error
    except (ArithmeticError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise TemplateError(f"The template {text[:80]!r} cannot be rendered with these values.") from error


def lookup(value: Any, name: str | int) -> Any:
    """Return one member of a value the way Liquid does, None when there is none."""
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        return len(value) if name == "size" else None
    if isinstance(value, list):
        if isinstance(name, int):
            return value[name] if -len(value) <= name < len(value) else None
        return _LIST[name](value) if name in _LIST else None
    if name == "size" and isinstance(value, str):
        return len(value)
    return None


def text_of(parts: Sequence[Any]) -> str:
    """Join rendered parts to one text, refusing more than a template may put out."""
    text = "".join([part if type(part) is str else as_text(part) for part in parts])
    if len(text) > MAX_OUTPUT:
        raise TemplateError("This template puts out too much text.")
    return text


def as_text(value: Any) -> str:
    """Write a value inside a text: lists run together, maps as JSON."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
        return write_json(value)
    return to_liquid_string(value, False)


def plain(value: Any) -> Any:
    """Turn what an expression gave into plain JSON values."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Undefined):
        return None
    if isinstance(value, (list, tuple, range)):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else str(value)


def show(error: LiquidError) -> str:
    """Say a Liquid error in a few words, without quoting the whole template."""
    return str(error.message or error).rstrip(".")[:200]


def _with_quoted_words(source: str) -> str:
    """Write `.limit` as `["limit"]`, so that members named like Liquid's words can be read."""
    if "raw" in source:
        return source
    return _MARKUP.sub(lambda markup: _MEMBER.sub(_quote, markup.group()), source)


def _quote(found: re.Match[str]) -> str:
    return found.group(1) or f'["{found.group(2)}"]'


def _refuse_ranges(node: Node) -> None:
    for expression in node.expressions():
        if isinstance(expression, FilteredExpression):
            _refuse_range(expression)
    for child in node.children(_STATIC, include_partials=False):
        _refuse_ranges(child)


def _refuse_range(expression: Expression) -> None:
    for child in expression.children():
        if isinstance(child, RangeLiteral):
            raise LiquidSyntaxError("a range can only be looped over", token=child.token)
        _refuse_range(child)


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _last(values: list[Any]) -> Any:
    return values[-1] if values else None


_PLAIN = (str, bool, int, dict)
_LIST: dict[str, Callable[[list[Any]], Any]] = {"size": len, "first": _first, "last": _last}
_STATIC = RenderContext(ENVIRONMENT.from_string(""))
