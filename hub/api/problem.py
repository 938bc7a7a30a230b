"""Every refusal as RFC 9457 problem+json, translated in this one place."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.params import HeaderParameter, QueryParameter
from litestar.types import ExceptionHandlersMap

from hub.api.context import request_id
from hub.errors import HubError, Problem
from hub.outages import outage_of, unusable
from hub.shapes import bound_of

MEDIA_TYPE = "application/problem+json"
_UNKNOWN = re.compile(r"Invalid enum value (.+)")
_NAMED = re.compile(r"(missing required|unknown) field `([^`]+)`")
_NO_BODY = "'data'"  # how a missing body is told
_log = logging.getLogger(__name__)


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong; `errors` names single fields, `request_id` is in the log."""

    title: str
    status: int
    detail: str
    request_id: str
    errors: list[Problem] = []
    type: str = "about:blank"


def _of_ours(request: Request[Any, Any, Any], error: HubError) -> Response[ProblemBody]:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and error.retry_after is None:
        _log.error("request %s: %s", request_id(request.scope), error.message, exc_info=error)
    headers = {} if error.retry_after is None else {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="Patchdeck"'
    return problem(request, error.status, error.title, error.message, error.errors, headers)


def _of_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[ProblemBody]:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return problem(request, 404, "Not found", f"There is nothing at {request.url.path}.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible here."
        return problem(request, 405, status.phrase, detail, headers=dict(error.headers or {}))
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem(request, 413, "Too large", "The body is larger than this route takes.")
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        if not _about_body(error):
            return _of_any(request, error)
        status = HTTPStatus.BAD_REQUEST
    errors = _fields(error.extra or _told(error), _public_names(request))
    detail = "The request is not as this route needs it." if errors else _plain(error.detail)
    return problem(request, status, status.phrase, detail, errors, dict(error.headers or {}))


def _about_body(error: HTTPException) -> bool:
    """Tell whether Litestar takes a wrong field of a body for a fault, as it does when a service has the same name."""
    cause = error.__cause__
    return isinstance(cause, msgspec.ValidationError) and "`$.data." in str(cause)


def _of_any(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemBody]:
    outage = outage_of(error)
    if outage is not None:
        _log.warning("request %s: %s (%s)", request_id(request.scope), outage.message, type(error).__name__)
        return _of_ours(request, outage)
    refused = unusable(error)
    if refused is not None:
        return _of_ours(request, refused)
    _log.error("request %s failed", request_id(request.scope), exc_info=error)
    detail = "This is a fault of Patchdeck's; the log of the hub tells more under the request id."
    return problem(request, 500, "Internal error", detail)


HANDLERS: ExceptionHandlersMap = {HubError: _of_ours, HTTPException: _of_litestar, Exception: _of_any}


def problem(
    request: Request[Any, Any, Any],
    status: int,
    title: str,
    detail: str,
    errors: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[ProblemBody]:
    """Return a problem as the answer to a request."""
    body = ProblemBody(
        title=title, status=int(status), detail=detail, request_id=request_id(request.scope), errors=list(errors)
    )
    return Response(body, status_code=int(status), media_type=MEDIA_TYPE, headers=dict(headers or {}))


def _fields(extra: Any, names: Mapping[str, str]) -> list[Problem]:
    """Turn what Litestar says about single values into paths and sentences."""
    found = [one for one in extra if isinstance(one, dict)] if isinstance(extra, list) else []
    return [
        _field(names.get(str(one.get("key")), str(one.get("key", ""))), str(one.get("message", ""))) for one in found
    ]


def _told(error: HTTPException) -> list[dict[str, str]]:
    """Return what the cause says about a single value, where Litestar kept it to itself."""
    message, _, path = str(error.__cause__).partition(" - at `$.")
    return [{"key": path.strip("`"), "message": message}] if path else []


def _public_names(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return what the parameters of a route are called in requests, by what they are called in code."""
    declared = {
        name: parameter.kwarg_definition
        for name, parameter in request.route_handler.parsed_fn_signature.parameters.items()
    }
    return {
        name: given.name
        for name, given in declared.items()
        if isinstance(given, (QueryParameter, HeaderParameter)) and given.name
    }


def _field(key: str, message: str) -> Problem:
    """Name the field itself where the message tells that an object lacks it or has it for no reason."""
    path = key.removeprefix("data").removeprefix(".")
    if message == _NO_BODY:
        return Problem("body", "Send a JSON body.")
    named = _NAMED.search(message)
    if named is not None:
        path = f"{path}.{named[2]}" if path else named[2]
        message = "This is needed" if named[1] == "missing required" else "There is no such field"
    return Problem(path or "body", _plain(message))


def _plain(text: str) -> str:
    if sentence := bound_of(text.partition(" - at `")[0]):
        return sentence
    unknown = _UNKNOWN.fullmatch(text.strip("."))
    if unknown is not None:
        return f"{unknown[1]} is not one of the values that are known here; /api/docs lists them."
    sentence = re.sub(r"`([^`]*)`", r"\1", text).strip()
    return sentence if sentence.endswith(".") else f"{sentence}."
