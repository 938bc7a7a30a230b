"""The small part of JavaScript that people write into expressions: paths, calls, literals and a few operators.

Nothing is ever run: a text becomes a tree, which `liquid_of` writes as Liquid where that can say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

LONGEST = 4_000
DEEPEST = 40
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w$])|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>\?\?|\|\||\?\.|[().\[\],+\-*/%]))"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class CannotError(ValueError):
    """An expression says something that Liquid cannot; the message says what."""


class Literal(msgspec.Struct, frozen=True):
    """A number, a text, true, false or null."""

    value: str | int | float | bool | None


class Name(msgspec.Struct, frozen=True):
    """A name that stands for something outside the expression."""

    name: str


class Member(msgspec.Struct, frozen=True):
    """One member of something, by name or place."""

    of: Tree
    key: str | int


class Called(msgspec.Struct, frozen=True):
    """A call; `new Date()` is one of `new Date`."""

    function: Tree
    arguments: tuple[Tree, ...]


class Joined(msgspec.Struct, frozen=True):
    """Two things with an operator between them."""

    operator: str
    left: Tree
    right: Tree


Tree = Literal | Name | Member | Called | Joined


class Token(msgspec.Struct, frozen=True):
    """One word of an expression."""

    kind: str
    text: str


def parse(text: str) -> Tree:
    """Return the tree of an expression; raises CannotError on everything beyond the small part."""
    if len(text) > LONGEST:
        raise CannotError("it is very long")
    reader = _Reader(_tokens(text.strip().removesuffix(";")))
    tree = reader.expression()
    reader.end()
    return tree


def _tokens(text: str) -> Sequence[Token]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            if not text[place:].strip():
                break
            raise CannotError(f"{text[place:].strip()[:1]!r} begins something that only a program can do")
        found.append(Token(str(match.lastgroup), match.group(str(match.lastgroup))))
        place = match.end()
    return found


class _Reader:
    """Reads tokens from left to right, the tightest operators first."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def end(self) -> None:
        """Refuse what is left over."""
        if self._place < len(self._tokens):
            raise CannotError(f"{self._tokens[self._place].text[:20]!r} is more than a value")

    def expression(self) -> Tree:
        """Read alternatives: the first that is there."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise CannotError("it is nested too deeply")
        tree = self._chain(
            ("??", "||"), lambda: self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._one))
        )
        self._depth -= 1
        return tree

    def _chain(self, operators: Sequence[str], inner: Callable[[], Tree]) -> Tree:
        tree = inner()
        while (sign := self._take(*operators)) is not None:
            tree = Joined(sign, tree, inner())
        return tree

    def _one(self) -> Tree:
        if self._take("-") is not None:
            return Joined("-", Literal(0), self._one())
        tree = self._first()
        while (sign := self._take(".", "?.", "[", "(")) is not None:
            tree = self._further(tree, sign)
        return tree

    def _further(self, tree: Tree, sign: str) -> Tree:
        if sign == "(":
            return Called(tree, self._arguments())
        if sign in {".", "?."} and (sign == "." or self._kind() == "name"):
            return Member(tree, self._name())
        if sign == "?." and self._take("[") is None:
            raise CannotError("a call that may not happen needs a program")
        key = self.expression()
        self._need("]")
        if isinstance(key, Literal) and isinstance(key.value, (str, int)) and not isinstance(key.value, bool):
            return Member(tree, key.value)
        raise CannotError("a member is chosen by something that is computed")

    def _first(self) -> Tree:
        token = self._next()
        if token.kind == "number":
            return Literal(float(token.text) if "." in token.text else int(token.text))
        if token.kind == "text":
            return Literal(_ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), token.text[1:-1]))
        if token.kind == "name":
            return self._named(token.text)
        if token.text == "(":
            tree = self.expression()
            self._need(")")
            return tree
        raise CannotError(f"{token.text!r} begins something that only a program can do")

    def _named(self, name: str) -> Tree:
        words = {"true": True, "false": False, "null": None, "undefined": None}
        if name in words:
            return Literal(words[name])
        return Name(f"new {self._name()}" if name == "new" else name)

    def _arguments(self) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while self._take(")") is None:
            if found:
                self._need(",")
            found.append(self.expression())
        return tuple(found)

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def _next(self) -> Token:
        if self._place >= len(self._tokens):
            raise CannotError("it ends in the middle")
        self._place += 1
        return self._tokens[self._place - 1]

    def _name(self) -> str:
        token = self._next()
        if token.kind != "name":
            raise CannotError(f"{token.text!r} is no name")
        return token.text

    def _take(self, *signs: str) -> str | None:
        if self._kind() != "sign" or self._tokens[self._place].text not in signs:
            return None
        return self._next().text

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise CannotError(f"a {sign!r} is missing")
