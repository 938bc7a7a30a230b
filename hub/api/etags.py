"""`ETag` out, `If-Match` in: a change names the revision it was made from."""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import HeaderParameter

from hub.errors import InvalidError, Problem, StaleError

T = TypeVar("T")

IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", description="The `ETag` that the change is based on; 412 when it is outdated."),
]


def tagged(content: T, revision: int) -> Response[T]:
    """Return a struct with its revision as the answer's `ETag`."""
    return Response(content, headers={"ETag": f'"{revision}"'})


def created(content: T, revision: int, place: str) -> Response[T]:
    """Return a struct that is new as the answer 201, with where it is and its revision."""
    return Response(content, status_code=201, headers={"ETag": f'"{revision}"', "Location": f"/api/v1/{place}"})


def tagged_by(content: T, changeable: str) -> Response[T]:
    """Return a struct that keeps no revision: what may change of it makes its `ETag`."""
    return Response(content, headers={"ETag": _tag(changeable)})


def check_match(if_match: str | None, changeable: str) -> None:
    """Raise StaleError unless what may change is still as the caller saw it."""
    if if_match is None or if_match.strip() == "*":
        return
    if if_match.strip().removeprefix("W/") != _tag(changeable):
        raise StaleError("It was changed meanwhile; load it again and repeat your change.")


def _tag(changeable: str) -> str:
    return f'"{hashlib.sha256(changeable.encode()).hexdigest()[:16]}"'


def expected_revision(if_match: str | None) -> int | None:
    """Return the revision that `If-Match` names; None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        message = 'If-Match must be the ETag of an answer, such as "3".'
        raise InvalidError(message, errors=[Problem("If-Match", message)])
    return int(text)
