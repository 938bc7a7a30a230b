"""A web site on two addresses of loopback: one that calls may reach, and one inside, which nobody may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from connectors.sdk.errors import SettingsError
from connectors.sdk.network.guard import Guard

OPEN, INSIDE = "127.0.0.1", "127.0.0.2"
NAMES = {"page.test": OPEN, "other.test": OPEN, "inside.test": INSIDE}
SESSION = "signed-in-as-ann"
LOGIN = """<!DOCTYPE html><html><body><input type="text" placeholder="Search"><form method="post" action="/login">
<input type="hidden" name="token" value="t0ken"><input name="user"><input type="password" name="password">
<button>Sign in</button></form><p>{complaint}</p></body></html>"""

# A site that asks for the name on one page and for password and PIN on the next
ENTER = """<!DOCTYPE html><html><body><form method="post" action="/enter"><input id="name" name="user">
<button id="next">Next</button></form></body></html>"""
ENTER_PASSWORD = """<!DOCTYPE html><html><body><form method="post" action="/enter/password">
<input id="secret" type="password" name="password"><input id="pin" name="pin"><button>Go</button></form>"""


class _Datagrams(asyncio.DatagramProtocol):
    """Notes what arrives without a connection, as questions about addresses do."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def datagram_received(self, data: bytes, address: object) -> None:
        """Note it."""
        self._site.inside.append("datagram")


class Site:
    """Serves the pages it is given; `asked` and `inside` hold what arrived at the two addresses."""

    def __init__(self) -> None:
        self.port = 0
        self.pages: dict[str, web.Response] = {}
        self.asked: list[web.Request] = []
        self.inside: list[str] = []
        self.session = SESSION
        self.log_ins = 0
        self.guard = Guard([f"{OPEN}/32"], resolve=self._resolve)

    def url(self, path: str = "/", host: str = "page.test") -> str:
        """The address of a page."""
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: str, **headers: str) -> str:
        """Put a page there and give its address; {port} in it becomes the port."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", "text/html; charset=utf-8")
        text = body.replace("{port}", str(self.port))
        self.pages[path] = web.Response(body=text.encode(), headers={"Content-Type": kind, **named})
        return self.url(path)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with the page, the log-in, or what only those who are signed in see."""
        if request.transport is not None and request.transport.get_extra_info("sockname")[0] == INSIDE:
            self.inside.append(request.path)
            return web.Response(text="the crown jewels", headers={"Access-Control-Allow-Origin": "*"})
        self.asked.append(request)
        asking = {"/login": self._log_in, "/enter": self._enter, "/enter/password": self._enter}
        if request.path in asking:
            return await asking[request.path](request)
        if request.path == "/account":
            return self._account(request)
        if request.path.startswith("/to/"):
            return web.Response(status=302, headers={"Location": f"http://{request.path[4:]}:{self.port}/secret"})
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404, text="Nothing here.")
        return web.Response(body=page.body, headers=page.headers, status=page.status)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.Response(text=LOGIN.format(complaint=""), content_type="text/html")
        form = await request.post()
        if (form.get("token"), form.get("user"), form.get("password")) != ("t0ken", "ann", "right-w0rd"):
            return web.Response(text=LOGIN.format(complaint="Wrong."), content_type="text/html")
        return self._welcome()

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        """Ask for the name, then for password and PIN."""
        form = await request.post()
        if request.method == "GET":
            return web.Response(text=ENTER, content_type="text/html")
        if form.get("user") == "ann":
            return web.Response(text=ENTER_PASSWORD, content_type="text/html")
        if (form.get("password"), form.get("pin")) != ("right-w0rd", "north"):
            return web.Response(text=ENTER_PASSWORD, content_type="text/html")
        return self._welcome()

    def _welcome(self) -> web.StreamResponse:
        self.log_ins += 1
        return web.Response(
            status=303, headers={"Location": "/account", "Set-Cookie": f"session={self.session}; Path=/; HttpOnly"}
        )

    def _account(self, request: web.Request) -> web.StreamResponse:
        if request.cookies.get("session") != self.session:
            return web.Response(status=303, headers={"Location": "/login"})
        return web.Response(text="<html><body><h1>Your orders, Ann</h1></body></html>", content_type="text/html")

    async def _resolve(self, host: str, port: int) -> list[str]:
        if host in NAMES:
            return [NAMES[host]]
        if host.replace(".", "").isdigit():
            return [host]
        raise SettingsError(f"There is no host called {host}. Check the address.")


@asynccontextmanager
async def site_peer() -> AsyncIterator[Site]:
    """Run the site on one port of both addresses."""
    site = Site()
    server = web.Server(site.answer)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, OPEN, 0).start()
    site.port = runner.addresses[0][1]
    await web.TCPSite(runner, INSIDE, site.port).start()
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(site), local_addr=(INSIDE, site.port))
    try:
        yield site
    finally:
        datagrams.close()
        await runner.cleanup()
