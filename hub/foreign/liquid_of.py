"""Trees of expressions written as Liquid: paths, filters for well-known functions, texts put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import msgspec

from hub.foreign.javascript import Called, CannotError, Joined, Literal, Member, Name, Tree, parse

# From a name and the path behind it to a Liquid expression; raises CannotError for what is not known here
Find = Callable[[Tree], str | None]

ISO = '"now" | date: "%Y-%m-%dT%H:%M:%SZ"'
# Functions of texts, numbers and lists that have a filter of the same meaning, and how many arguments they take
_FILTERS: Mapping[str, tuple[str, int]] = {
    "toLowerCase": ("downcase", 0), "toUpperCase": ("upcase", 0), "trim": ("strip", 0), "trimStart": ("lstrip", 0),
    "trimEnd": ("rstrip", 0), "toString": ("", 0), "split": ("split", 1), "join": ("join", 1), "first": ("first", 0),
    "last": ("last", 0), "replaceAll": ("replace", 2), "replace": ("replace_first", 2), "concat": ("append", 1),
    "toNumber": ("number", 0), "toInt": ("number", 0), "toFloat": ("number", 0), "toLocaleLowerCase": ("downcase", 0),
    "round": ("round", 1), "toFixed": ("round", 1), "reverse": ("reverse", 0), "unique": ("uniq", 0),
    "removeTags": ("strip_html", 0), "toJsonString": ("json", 0), "isEmpty": ("", -1), "includes": ("", -1),
    "urlEncode": ("url_encode", 0), "base64Encode": ("base64_encode", 0), "base64Decode": ("base64_decode", 0),
    "toTitleCase": ("capitalize", 0), "hash": ("hash", -1), "pluck": ("map", 1),
}  # fmt: skip
_FUNCTIONS = {
    "Number": "number", "parseInt": "number", "parseFloat": "number", "String": "", "JSON.stringify": "json",
    "Math.round": "round", "Math.floor": "floor", "Math.ceil": "ceil", "Math.abs": "abs",
    "encodeURIComponent": "url_encode", "JSON.parse": "",
}  # fmt: skip
_SUMS = {"-": "minus", "*": "times", "/": "divided_by", "%": "modulo"}
_LUXON = (
    ("yyyy", "%Y"), ("LLLL", "%B"), ("MMMM", "%B"), ("LLL", "%b"), ("MMM", "%b"), ("EEEE", "%A"), ("cccc", "%A"),
    ("EEE", "%a"), ("ccc", "%a"), ("yy", "%y"), ("MM", "%m"), ("LL", "%m"), ("dd", "%d"), ("HH", "%H"), ("hh", "%I"),
    ("mm", "%M"), ("ss", "%S"), ("a", "%p"), ("SSS", "000"),
)  # fmt: skip
_MOMENTS = {"$now", "$today", "new Date", "DateTime.now", "Date.now"}
_WRITTEN = {"toISO": ISO, "toISOString": ISO, "toISODate": '"now" | date: "%Y-%m-%d"', "toMillis": "", "toString": ISO}


class Written(msgspec.Struct, frozen=True):
    """An expression in Liquid: a path or literal with filters behind it, or several put together to a text."""

    base: str
    filters: tuple[str, ...] = ()
    pieces: tuple[Written, ...] = ()
    text: bool = False

    def show(self) -> str:
        """Return it with braces, literal texts as they are."""
        if self.pieces:
            return "".join(piece.show() for piece in self.pieces)
        if self.text and not self.filters:
            return str(json.loads(self.base))
        return f"{{{{ {self.bare()} }}}}"

    def bare(self) -> str:
        """Return it without braces."""
        if self.pieces:
            raise CannotError("a text that is put together cannot be worked on further")
        return " | ".join([self.base, *(one for one in self.filters if one)])


def translate(text: str, find: Find) -> str:
    """Return the Liquid for an expression; raises CannotError saying what cannot be said."""
    return _write(parse(text), find).show()


def translate_bare(text: str, find: Find) -> str:
    """Return the Liquid without braces, for places that put several together."""
    return _write(parse(text), find).bare()


def dotted(tree: Tree) -> str:
    """Return the name of a function such as `Math.round`, nothing for anything else."""
    if isinstance(tree, Name):
        return tree.name
    if isinstance(tree, Member) and isinstance(tree.key, str) and isinstance(tree.of, Name):
        return f"{tree.of.name}.{tree.key}"
    return ""


def _write(tree: Tree, find: Find) -> Written:
    if isinstance(tree, Literal):
        return Written(_literal(tree.value), text=isinstance(tree.value, str))
    found = find(tree)
    if found is not None:
        return Written(found)
    if isinstance(tree, Joined):
        return _joined(tree, find)
    if isinstance(tree, Called):
        return _called(tree, find)
    if isinstance(tree, Member):
        return _member(tree, find)
    raise CannotError(f"{tree.name!r} is not known here")


def _literal(value: str | float | bool | None) -> str:
    if isinstance(value, str):
        if '"' in value and "'" in value:
            raise CannotError("a text with both kinds of quotes cannot stand in a template")
        return f"'{value}'" if '"' in value else json.dumps(value, ensure_ascii=False)
    return "nil" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _member(tree: Member, find: Find) -> Written:
    inner = _write(tree.of, find)
    if tree.key == "length":
        return _with(inner, "size")
    if inner.filters or inner.pieces:
        raise CannotError(f"the member {str(tree.key)[:40]!r} is read of something that was computed")
    return Written(f"{inner.base}[{tree.key}]" if isinstance(tree.key, int) else f"{inner.base}.{tree.key}")


def _joined(tree: Joined, find: Find) -> Written:
    left, right = _write(tree.left, find), _write(tree.right, find)
    if tree.operator in {"??", "||"}:
        return _with(left, f"default: {_argument(right)}")
    if tree.operator == "+":
        if not (left.text or right.text or left.pieces or right.pieces):
            raise CannotError("it is not said whether + adds numbers or puts texts together")
        return Written("", pieces=(*(left.pieces or (left,)), *(right.pieces or (right,))), text=True)
    return _with(left, f"{_SUMS[tree.operator]}: {_argument(right)}")


def _called(tree: Called, find: Find) -> Written:
    name = dotted(tree.function)
    arguments = [_write(one, find) for one in tree.arguments] if name in _FUNCTIONS else []
    if name in _FUNCTIONS and arguments:
        return _with(arguments[0], _FUNCTIONS[name])
    if not isinstance(tree.function, Member) or not isinstance(tree.function.key, str):
        raise CannotError(f"the function {name[:40] or 'that is called'} is not known here")
    called = tree.function.key
    if _is_moment(tree.function.of):
        return _moment(called, tree.arguments)
    inner = _write(tree.function.of, find)
    given = [_argument(_write(one, find)) for one in tree.arguments]
    if called in {"slice", "substring", "substr"} and 1 <= len(given) <= 2:  # from, and to
        return _with(inner, _slice(called, given))
    if called == "toFixed" and not given:
        return _with(inner, "round")
    known = _FILTERS.get(called)
    if known is None or (known[1] != len(given) and not (called == "round" and not given)):
        raise CannotError(f"the function {called[:40]!r} has no counterpart")
    return _with(inner, f"{known[0]}: {', '.join(given)}" if given else known[0])


def _slice(called: str, given: Sequence[str]) -> str:
    """Write from and to as from and how many."""
    if not all(one.isdigit() for one in given):
        raise CannotError("a piece of a text is cut at places that are computed, or from the end")
    if len(given) == 1:
        return f"slice: {given[0]}, 100000"
    return f"slice: {given[0]}, {given[1] if called == 'substr' else max(int(given[1]) - int(given[0]), 0)}"


def _is_moment(tree: Tree) -> bool:
    return dotted(tree) in _MOMENTS or (
        isinstance(tree, Called) and dotted(tree.function) in _MOMENTS and not tree.arguments
    )


def _moment(called: str, arguments: Sequence[Tree]) -> Written:
    if _WRITTEN.get(called) and not arguments:
        base, *filters = _WRITTEN[called].split(" | ")
        return Written(base, tuple(filters))
    if called in {"toFormat", "format"} and len(arguments) == 1 and isinstance(arguments[0], Literal):
        return Written('"now"', (f"date: {json.dumps(luxon(str(arguments[0].value)))}",))
    raise CannotError(f"the moment's function {called[:40]!r} has no counterpart")


def luxon(pattern: str) -> str:
    """Return a date's pattern in the letters of strftime; raises CannotError on letters without counterpart."""
    written, place = "", 0
    while place < len(pattern):
        known = next(((word, ours) for word, ours in _LUXON if pattern.startswith(word, place)), None)
        if known is None and pattern[place].isalpha() and pattern[place] != "T":
            raise CannotError(f"the date's pattern {pattern[:40]!r} has no counterpart")
        written += known[1] if known else pattern[place]
        place += len(known[0]) if known else 1
    return written


def _argument(value: Written) -> str:
    """Return a value as the argument of a filter, which cannot have filters itself."""
    if value.filters or value.pieces:
        raise CannotError("something computed is used to compute with")
    return value.base


def _with(value: Written, filter_: str) -> Written:
    return Written(value.bare(), (filter_,)) if filter_ else Written(value.bare())
