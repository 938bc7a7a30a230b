"""The simulated services over HTTP: a JSON API for recipes, and pages on which people see and change the records."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.demo.simulated.pages import TITLES, page
from hub.demo.simulated.store import FIELDS, RefusedError, Store

PAGE = 50
LARGEST = 64 * 1024


def create(store: Store, token: str) -> Starlette:
    """Return the services; the API takes `token` as a bearer token, the pages are open to this machine only."""
    return _Services(store, token).application()


class _Services:
    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token

    def application(self) -> Starlette:
        routes = [
            Route("/", self._front),
            Route("/api/{kind}", self._list),
            Route("/api/{kind}", self._add, methods=["POST"]),
            Route("/api/{kind}/{identity}", self._show),
            Route("/api/{kind}/{identity}", self._change, methods=["PATCH"]),
            Route("/{kind}", self._page),
            Route("/{kind}", self._entered, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _list(self, request: Request) -> Response:
        """List records, the oldest change first, 50 a page; `updated_since` leaves out those changed before."""
        if (refused := self._refused(request)) is not None:
            return refused
        found = self._store.list(request.path_params["kind"], request.query_params.get("updated_since", ""))
        number = request.query_params.get("page", "1")
        start = (int(number) - 1) * PAGE if number.isdigit() and 0 < int(number) < 1_000_000 else 0
        shown = found[start : start + PAGE]
        return JSONResponse({"data": shown, "has_more": len(found) > start + PAGE})

    async def _add(self, request: Request) -> Response:
        """Add a record; a repeated Idempotency-Key gives the same one again."""
        if (refused := self._refused(request)) is not None:
            return refused
        values = await _body(request)
        try:
            key = request.headers.get("Idempotency-Key", "")
            return JSONResponse(self._store.add(request.path_params["kind"], values, key), status_code=201)
        except RefusedError as error:
            return _error(422, str(error))

    async def _show(self, request: Request) -> Response:
        """Return one record."""
        if (refused := self._refused(request)) is not None:
            return refused
        found = self._store.find(request.path_params["kind"], request.path_params["identity"])
        return JSONResponse(found) if found else _error(404, "There is no such record.")

    async def _change(self, request: Request) -> Response:
        """Change some fields of a record."""
        if (refused := self._refused(request)) is not None:
            return refused
        values = await _body(request)
        try:
            found = self._store.change(request.path_params["kind"], request.path_params["identity"], values)
        except RefusedError as error:
            return _error(422, str(error))
        return JSONResponse(found) if found else _error(404, "There is no such record.")

    async def _front(self, _request: Request) -> Response:
        """Lead to the first of the three."""
        return RedirectResponse("/contacts")

    async def _page(self, request: Request) -> Response:
        """Show a service's records, with a form to add one as its customers would."""
        kind = request.path_params["kind"]
        if kind not in TITLES:
            return HTMLResponse("There is no such page.", status_code=404)
        return HTMLResponse(page(kind, self._store.list(kind)), headers=_HEADERS)

    async def _entered(self, request: Request) -> Response:
        """Take what somebody has typed into the form."""
        kind = request.path_params["kind"]
        if kind not in TITLES or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return HTMLResponse("There is no such page.", status_code=404)
        typed = dict((await request.form(max_files=0, max_fields=20)).items())
        values = {name: _typed(str(value), FIELDS[kind].get(name, str)) for name, value in typed.items() if value}
        try:
            self._store.add(kind, values)
        except RefusedError as error:
            return HTMLResponse(page(kind, self._store.list(kind), str(error)), status_code=422, headers=_HEADERS)
        return RedirectResponse(f"/{kind}", status_code=303)

    def _refused(self, request: Request) -> Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _error(401, "Send the demo's token as a bearer token.")
        if request.path_params["kind"] not in FIELDS:
            return _error(404, "There is no such service.")
        return None


_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}


async def _body(request: Request) -> Mapping[str, Any]:
    content = await request.body()
    try:
        found: Mapping[str, Any] = msgspec.json.decode(content[:LARGEST], type=dict[str, Any])
    except msgspec.DecodeError:
        return {"body": "is no JSON object"}
    return found


def _typed(text: str, kind: type) -> Any:
    return int(text) if kind is int and text.isdigit() and len(text) < 4 else text


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)
