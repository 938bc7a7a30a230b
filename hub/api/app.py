"""The REST API as one Litestar application."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request, Router
from litestar.di import Provide

from hub.accounts import Accounts, Requests
from hub.api import controllers
from hub.api.access import Authentication, require_right
from hub.api.bodies import refuse_other_types
from hub.api.context import Visitors, add_headers
from hub.api.document import openapi_config
from hub.api.idempotency import Idempotency
from hub.api.problem import HANDLERS
from hub.config import Config
from hub.members import Member

LARGEST_BODY = 10 * 1024 * 1024


def create_api(services: object, config: Config) -> Litestar:
    """Build the application; controllers ask for services by the names they have in `services`.

    Every handler declares in `opt={"verb": …}` who may call it, or is closed.
    """
    named = {name: getattr(services, name) for name in _names(services)}
    accounts: Accounts = named["accounts"]
    requests: Requests = named["requests"]
    parts = urlsplit(config.url)
    visitors = Visitors(config.trusted_proxies, public_over_tls=parts.scheme == "https")
    provided = {**named, "config": config, "visitors": visitors}
    return Litestar(
        [Router("/api/v1", route_handlers=controllers())],
        dependencies={"member": _Provide(_member, sync_to_thread=False)}
        | {name: _Provide(_constant(value), sync_to_thread=False) for name, value in provided.items()},
        middleware=[Authentication(accounts, f"{parts.scheme}://{parts.netloc}"), Idempotency(requests)],
        guards=[require_right],
        exception_handlers=HANDLERS,
        before_request=refuse_other_types,
        before_send=[add_headers],
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi_config(),
        logging_config=None,
        debug=False,
    )


class _Provide(Provide):
    """One thing that controllers ask for; none equals another, which Litestar compares a million times at the start."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


def _names(services: object) -> list[str]:
    return [name for name in dir(services) if not name.startswith("_")]


def _constant(value: object) -> Any:
    return lambda: value


def _member(request: Request[Member, Any, Any]) -> Member:
    return request.user
