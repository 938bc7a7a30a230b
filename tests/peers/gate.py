"""A gate before a real HTTP service: lets requests through as they are, counts writes, and fails as services fail."""

import contextlib
import io
from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp import web
from yarl import URL

RETRY_AFTER = "7"
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"})


class Gate:
    """Stands at `address`; `asked` counts the requests that went through, `writes` those that do more than read.

    `fault` is what happens instead now. `judge` may answer a request itself; `rewrite` changes its answers.
    """

    def __init__(self, upstream: str, session: aiohttp.ClientSession, malformed: str) -> None:
        self.address = ""
        self.writes = 0
        self.asked = 0
        self.fault = ""
        self.rewrite: Callable[[bytes], bytes] = bytes
        self.judge: Callable[[web.BaseRequest, bytes], web.Response | None] = _pass
        self._upstream = upstream
        self._session = session
        self._malformed = malformed

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Pass one request on, with the host it names, and its answer back."""
        body = await request.content.read()
        if self.fault:
            return self._fail(request)
        judged = self.judge(request, body)
        if judged is not None:
            return judged
        self.asked += 1
        self.writes += request.method not in {"GET", "HEAD"}
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        url = URL(f"{self._upstream}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method, url, headers=headers, data=io.BytesIO(body) if body else None, allow_redirects=False
        ) as answer:
            content = self.rewrite(await answer.read())
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
            if request.method == "HEAD":
                kept["Content-Length"] = answer.headers.get("Content-Length", "0")
            return web.Response(status=answer.status, headers=kept, body=content)

    def _fail(self, request: web.BaseRequest) -> web.Response:
        if self.fault == "cut":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if self.fault == "malformed":
            return web.Response(text="<Listing", content_type=self._malformed)
        headers = {"Retry-After": RETRY_AFTER} if self.fault == "429" else {}
        return web.Response(status=int(self.fault), headers=headers)


@contextlib.asynccontextmanager
async def gate(upstream: str, malformed: str = "application/xml") -> AsyncIterator[Gate]:
    """Open a gate on a free port of loopback; `malformed` is the media type of broken answers."""
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        opened = Gate(upstream, session, malformed)
        server = web.Server(opened.answer)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        opened.address = f"http://{host}:{port}"
        try:
            yield opened
        finally:
            await runner.cleanup()


def _pass(request: web.BaseRequest, body: bytes) -> None:
    """Let everything through."""
