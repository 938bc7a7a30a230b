"""Dropbox on loopback, held to the route table that is compiled into Dropbox's own SDK.

Each request is read by the route's argument type and refused where it does not fit; each answer is written by its
result or error type, so that an answer which Dropbox could not give is a violation.
"""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from dropbox import auth, files
from dropbox.content_hash import content_hash
from stone.backends.python_rsrc import stone_serializers, stone_validators

from tests.peers.dropbox_account import Account, RefusedError

stone: Any = stone_serializers
SCOPES = "files.content.read files.content.write files.metadata.read"
TOKENS = ("granted-token", "renewed-token")
Fault = Literal["401", "403", "429", "500", "cut", "malformed"]


class DropboxPeer:
    """The service with one account: what it was asked, what was wrong with that, and how it fails when told to."""

    def __init__(self) -> None:
        self.base = ""
        self.writes = 0
        self.asked: list[str] = []
        self.violations: list[str] = []
        self.refused_tokens: set[str] = set()
        self.missing_scope = ""
        self.fault: Fault | None = None
        self.held_back: set[str] = set()
        self.before_upload: Callable[[], object] | None = None
        self.account = Account()
        self.waited_for = asyncio.Event()
        self._challenge = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path == "/oauth2/authorize":
            return self._agree(request.query)
        body = await request.read()
        if request.path == "/oauth2/token":
            return self._grant(dict(parse_qsl(body.decode())))
        if self.fault is not None:
            return self._fault(request)
        _, version, namespace, name = (*request.path.split("/", 3), "", "", "")[:4]
        numbered = re.fullmatch(r"(.+)_v(\d)", name)
        route = files.ROUTES.get(f"{numbered[1]}:{numbered[2]}" if numbered else name)
        if (version, namespace) != ("2", "files") or route is None or request.method != "POST":
            self.violations.append(f"There is no route {request.method} {request.path}.")
            return web.Response(status=404)
        self.asked.append(name)
        return self._refusal(request, route) or await self._perform(request, route, name, body)

    def _agree(self, asked: Mapping[str, str]) -> web.Response:
        """Let the person in at once and send them back with a code; lasting access must have been asked for."""
        wanted = {"response_type": "code", "code_challenge_method": "S256", "token_access_type": "offline"}
        if not wanted.items() <= asked.items():
            self.violations.append(f"A sign-in asked for {dict(asked)}.")
        self._challenge = asked["code_challenge"]
        back = urlencode({"code": "the-code", "state": asked["state"]})
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{back}"})

    def _grant(self, form: Mapping[str, str]) -> web.Response:
        """Hand out a token for the code and its verifier, or for the refresh token, which Dropbox never replaces."""
        self.asked.append(form["grant_type"])
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        fits = form.get("code") == "the-code" and digest.decode().rstrip("=") == self._challenge
        if not fits and form.get("refresh_token") != "the-refresh-token":
            return _json({"error": "invalid_grant", "error_description": "code doesn't exist or has expired"}, 400)
        granted = {"access_token": TOKENS[not fits], "token_type": "bearer", "expires_in": 14_400, "scope": SCOPES}
        return _json({**granted, "refresh_token": "the-refresh-token"} if fits else granted)

    def _refusal(self, request: web.Request, route: Any) -> web.Response | None:
        """Check the token as Dropbox does, unless the route wants none."""
        given = request.headers.get("Authorization")
        if route.attrs["auth"] == "noauth":
            if given is not None:
                self.violations.append("A token was sent where none belongs.")
            return None
        token = (given or "").removeprefix("Bearer ")
        if token not in TOKENS or token in self.refused_tokens:
            return self._unauthorized(auth.AuthError.expired_access_token)
        if self.missing_scope:
            scope = auth.TokenScopeError(required_scope=self.missing_scope)
            return self._unauthorized(auth.AuthError.missing_scope(scope))
        return None

    def _unauthorized(self, error: Any) -> web.Response:
        told = stone.json_compat_obj_encode(auth.AuthError_validator, error)
        return _json({"error_summary": f"{told['.tag']}/", "error": told}, 401)

    async def _perform(self, request: web.Request, route: Any, name: str, body: bytes) -> web.StreamResponse:
        style = route.attrs["style"] or "rpc"
        wanted = {"rpc": "application/json", "upload": "application/octet-stream"}.get(style)
        given = request.headers.get("Content-Type")
        if wanted is not None and given != wanted:
            return self._bad(name, f"Content-Type {given}")
        try:
            text = body.decode() if style == "rpc" else request.headers["Dropbox-API-Arg"]
            argument = stone.json_compat_obj_decode(route.arg_type, json.loads(text), strict=True)
        except (stone_validators.ValidationError, KeyError, ValueError) as error:
            return self._bad(name, str(error))
        act: Callable[[Any, bytes], Any] | None = getattr(self, f"_{name.replace('/', '_')}", None)
        if act is None:
            self.violations.append(f"This peer cannot do {name}.")
            return web.Response(status=501)
        try:
            done = act(argument, body)
            result, content = await done if asyncio.iscoroutine(done) else done
        except RefusedError as refused:
            return self._encoded(route.error_type, refused.error)
        return self._result(route, result, content)

    def _bad(self, name: str, said: str) -> web.Response:
        self.violations.append(f"{name}: {said}")
        return web.Response(status=400, text=f'Error in call to API function "files/{name}": {said}')

    def _encoded(self, kind: Any, error: Any) -> web.Response:
        try:
            told = stone.json_compat_obj_encode(kind, error)
        except stone_validators.ValidationError as wrong:
            self.violations.append(f"This is no such error: {wrong}")
            return web.Response(status=500)
        return _json({"error_summary": f"{told['.tag']}/", "error": told}, 409)

    def _result(self, route: Any, result: Any, content: bytes | None) -> web.Response:
        try:
            told = stone.json_compat_obj_encode(route.result_type, result)
        except stone_validators.ValidationError as wrong:
            self.violations.append(f"Dropbox would not answer this: {wrong}")
            return web.Response(status=500)
        if route.attrs["style"] != "download":
            return _json(told)
        headers = {"Content-Type": "application/octet-stream", "Dropbox-API-Result": json.dumps(told)}
        return web.Response(body=content, headers=headers)

    def _fault(self, request: web.Request) -> web.Response:
        match self.fault:
            case "401":
                return self._unauthorized(auth.AuthError.invalid_access_token)
            case "429":
                told = stone.json_compat_obj_encode(
                    auth.RateLimitError_validator,
                    auth.RateLimitError(auth.RateLimitReason.too_many_requests, retry_after=7),
                )
                return _json({"error_summary": "too_many_requests/", "error": told}, 429, {"Retry-After": "7"})
            case "malformed":
                return web.Response(text='{"entries": [', content_type="application/json")
            case "cut":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case said:
                return _json({"error_summary": "no/", "error": {".tag": "other"}}, int(said or 500))

    def _list_folder(self, argument: Any, _: bytes) -> tuple[Any, None]:
        self.account.require_folder(argument.path.lower(), files.ListFolderError.path)
        return self.account.page(self.account.cursor(argument, 0)), None

    def _list_folder_get_latest_cursor(self, argument: Any, _: bytes) -> tuple[Any, None]:
        self.account.require_folder(argument.path.lower(), files.ListFolderError.path)
        return files.ListFolderGetLatestCursorResult(cursor=self.account.cursor(argument, -1)), None

    def _list_folder_continue(self, argument: Any, _: bytes) -> tuple[Any, None]:
        if not self.account.is_known(argument.cursor):
            raise RefusedError(files.ListFolderContinueError.reset)
        return self.account.page(argument.cursor), None

    async def _list_folder_longpoll(self, argument: Any, _: bytes) -> tuple[Any, None]:
        if not self.account.is_known(argument.cursor):
            raise RefusedError(files.ListFolderLongpollError.reset)
        self.waited_for.set()
        while not self.account.page(argument.cursor).entries:
            self.account.changed.clear()
            await self.account.changed.wait()
        return files.ListFolderLongpollResult(changes=True), None

    def _get_metadata(self, argument: Any, _: bytes) -> tuple[Any, None]:
        path = argument.path.lower()
        if path in self.account.folders:
            return self.account.folder(path), None
        return self.account.current(path, files.GetMetadataError.path)[0], None

    def _download(self, argument: Any, _: bytes) -> tuple[Any, bytes]:
        if not argument.path.startswith("rev:"):
            return self.account.current(argument.path.lower(), files.DownloadError.path)
        if argument.path[4:] in self.held_back:
            raise RefusedError(files.DownloadError.path(files.LookupError.restricted_content))
        return self.account.version(argument.path[4:], files.DownloadError.path(files.LookupError.not_found))

    def _upload(self, argument: Any, body: bytes) -> tuple[Any, None]:
        self.writes += 1
        if self.before_upload is not None:
            self.before_upload()
        path, there = argument.path, self.account.entry(argument.path.lower())
        if argument.content_hash is not None and argument.content_hash != content_hash(body):
            raise RefusedError(files.UploadError.content_hash_mismatch)
        if any(
            path.lower().startswith(f"{taken}/") for taken in self.account.versions if taken not in self.account.gone
        ):
            raise _write_failed(files.WriteConflictError.file_ancestor)
        if path.lower() in self.account.folders:
            raise _write_failed(files.WriteConflictError.folder)
        same = there is not None and there.content_hash == content_hash(body) and not argument.strict_conflict
        wanted = argument.mode.get_update() if argument.mode.is_update() else None
        if there is not None and not same and not argument.mode.is_overwrite() and wanted != there.rev:
            raise _write_failed(files.WriteConflictError.file)
        return there if there is not None and same else self.account.put(path, body), None

    def _delete_v2(self, argument: Any, _: bytes) -> tuple[Any, None]:
        self.writes += 1
        entry = self.account.current(argument.path.lower(), files.DeleteError.path_lookup)[0]
        if argument.parent_rev is not None and argument.parent_rev != entry.rev:
            raise RefusedError(files.DeleteError.path_write(files.WriteError.conflict(files.WriteConflictError.file)))
        self.account.remove(argument.path)
        return files.DeleteResult(metadata=entry), None

    def _restore(self, argument: Any, _: bytes) -> tuple[Any, None]:
        self.writes += 1
        _, content = self.account.version(argument.rev, files.RestoreError.invalid_revision)
        return self.account.put(argument.path, content), None


@asynccontextmanager
async def dropbox_peer() -> AsyncIterator[DropboxPeer]:
    """Serve an account until the block ends; nothing may have been asked or answered that Dropbox has no words for."""
    peer = DropboxPeer()
    server = web.Server(peer.answer)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
    assert peer.violations == []


def _write_failed(conflict: Any) -> RefusedError:
    reason = files.WriteError.conflict(conflict)
    return RefusedError(files.UploadError.path(files.UploadWriteFailed(reason=reason, upload_session_id="0")))


def _json(told: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer as Dropbox does, whose SDK accepts no parameter after the content type."""
    return web.Response(
        body=json.dumps(told).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
