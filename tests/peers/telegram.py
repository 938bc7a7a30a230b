"""A Bot API server on loopback that checks every call with aiogram's own method classes, and its answers as well.

aiogram's classes are generated from the documentation of the Bot API: a field that does not exist, a wrong type, or an
answer of the wrong shape is written to `violations`, which tests want empty.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from tests.peers.faults import Faults
from tests.peers.process import free_port

if TYPE_CHECKING:
    from aiogram.methods import TelegramMethod

TOKEN = "4242:TEST-token_of-a-bot"
Refusal = tuple[int, str, dict[str, Any]]
Fault = Callable[[str, dict[str, Any]], Refusal | None]


class BotApi:
    """What people write goes in by `says`, `sends` and `presses`; `sent` is what the bot answers."""

    def __init__(self) -> None:
        self.url = ""
        self.updates: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.edited: list[dict[str, Any]] = []
        self.documents: list[tuple[str, bytes]] = []
        self.acknowledged: list[str] = []
        self.commands: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.failing = Faults(lambda status, message: {"ok": False, "error_code": status, "description": message})
        self.messages: dict[tuple[str, int], str] = {}
        self.calls: list[str] = []
        self._news = asyncio.Condition()
        self._numbers = count(1)

    def message(self, person: int, text: str | None = None, **more: Any) -> dict[str, Any]:
        """An update with a message of a person's direct conversation."""
        who = {"id": person, "is_bot": False, "first_name": "Ann", "last_name": "<b>Bold</b>"}
        chat = {"id": person, "type": "private", "first_name": "Ann"}
        body = {"message_id": next(self._numbers), "date": int(time.time()), "chat": chat, "from": who}
        return {"update_id": next(self._numbers), "message": body | ({"text": text} if text else {}) | more}

    def press(self, person: int, button: str) -> dict[str, Any]:
        """An update with a press of a button."""
        said = self.message(person, "pressed")
        query = {"id": str(next(self._numbers)), "from": said["message"]["from"], "chat_instance": "1", "data": button}
        return {"update_id": said["update_id"], "callback_query": query | {"message": said["message"]}}

    async def push(self, *updates: dict[str, Any]) -> None:
        """Have updates ready for whoever asks."""
        async with self._news:
            self.updates += updates
            self._news.notify_all()

    async def says(self, person: int, text: str, **more: Any) -> str:
        """Write to the bot and return the text of its next answer."""
        before = len(self.sent)
        await self.push(self.message(person, text, **more))
        return await self.answer(before)

    async def sends(self, person: int, name: str, content: bytes, **more: Any) -> str:
        """Send a document and return the text of the next answer."""
        before = len(self.sent)
        await self.push(self.document(person, name, content, **more))
        return await self.answer(before)

    def document(self, person: int, name: str, content: bytes, **more: Any) -> dict[str, Any]:
        """An update with a document."""
        identity = f"file{next(self._numbers)}"
        self.files[identity] = content
        held = {"file_id": identity, "file_unique_id": identity, "file_name": name, "file_size": len(content)}
        return self.message(person, None, document=held, **more)

    async def presses(self, person: int, label: str) -> None:
        """Press a button of the last message that has it."""
        await self.push(self.press(person, self.button(label)))

    def button(self, label: str) -> str:
        """What the last button of a label carries."""
        return next(
            str(shown["callback_data"])
            for message in reversed(self.sent)
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for shown in row
            if shown["text"] == label
        )

    def buttons(self) -> list[str]:
        """What stands on the buttons of the last message."""
        rows = self.sent[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return [shown["text"] for row in rows for shown in row]

    async def answer(self, before: int) -> str:
        """Wait for the message after so many."""
        await self.until(lambda: len(self.sent) > before)
        return str(self.sent[-1]["text"])

    async def until(self, reached: Callable[[], object]) -> None:
        """Wait until something has happened."""
        async with asyncio.timeout(60):
            while not reached():
                await asyncio.sleep(0.02)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Serve one call of a method, or fail as told."""
        if self.failing.has_any:
            return await self.failing.answer(request, self._call)
        return await self._call(request)

    async def _call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _refused(401, "Unauthorized")
        method = _methods().get(request.match_info["method"].lower())
        if method is None:
            return _refused(404, "Not Found: method not found")
        as_json = request.content_type == "application/json"
        given, uploads = (await request.json(), {}) if as_json else _given(await request.post())
        self.calls.append(method.__api_method__)
        try:
            method.model_validate(given | dict.fromkeys(uploads, "file"))
            unknown = set(given) - set(method.model_fields) - set(uploads)
            assert not unknown, f"unknown fields {unknown}"
        except (ValidationError, AssertionError) as error:
            self.violations.append(f"{method.__api_method__}: {error}")
            return _refused(400, "Bad Request: wrong parameters")
        for fault in (*self.faults, self._refuses):
            if told := fault(method.__api_method__, given):
                return _refused(*told)
        result = await getattr(self, f"_{method.__api_method__}")(given, uploads)
        TypeAdapter(method.__returning__).validate_python(result)
        return web.json_response({"ok": True, "result": result})

    async def file(self, request: web.Request) -> web.Response:
        """Hand out a file."""
        content = self.files[request.match_info["path"]]
        return web.Response(body=content) if content else web.Response(status=404)

    async def _getUpdates(self, given: dict[str, Any], _: Any) -> list[dict[str, Any]]:  # noqa: N802  # the method's name
        offset = int(given.get("offset") or 0)
        self.updates = [one for one in self.updates if one["update_id"] >= offset][min(offset, 0) :]
        async with self._news:
            try:
                async with asyncio.timeout(min(float(given.get("timeout") or 0), 5)):
                    await self._news.wait_for(lambda: self.updates)
            except TimeoutError:
                return []
        return self.updates[: int(given.get("limit") or 100)]

    async def _sendMessage(self, given: dict[str, Any], _: Any) -> dict[str, Any]:  # noqa: N802  # the method's name
        number = next(self._numbers)
        self.sent.append(given | {"message_id": number})
        self.messages[str(given["chat_id"]), number] = given["text"]
        return _sent(number, given) | {"text": given["text"]}

    async def _editMessageText(self, given: dict[str, Any], _: Any) -> dict[str, Any]:  # noqa: N802  # the method's name
        self.edited.append(given)
        self.messages[str(given["chat_id"]), int(given["message_id"])] = given["text"]
        return _sent(int(given["message_id"]), given) | {"text": given["text"]}

    async def _sendDocument(self, given: dict[str, Any], uploads: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        (held,) = uploads.values()
        content = held.file.read()
        self.documents.append((held.filename, content))
        number = next(self._numbers)
        self.messages[str(given["chat_id"]), number] = held.filename
        told = {"file_id": "d", "file_unique_id": "d", "file_name": held.filename, "file_size": len(content)}
        return _sent(number, given) | {"document": told}

    async def _sendPhoto(self, given: dict[str, Any], uploads: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        (held,) = uploads.values()
        self.documents.append((held.filename, held.file.read()))
        number = next(self._numbers)
        self.messages[str(given["chat_id"]), number] = held.filename
        size = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
        return _sent(number, given) | {"photo": [size]}

    async def _deleteMessage(self, given: dict[str, Any], _: Any) -> bool:  # noqa: N802  # the method's name
        del self.messages[str(given["chat_id"]), int(given["message_id"])]
        return True

    async def _getMe(self, _: Any, __: Any) -> dict[str, Any]:  # noqa: N802  # the method's name
        return {"id": 4242, "is_bot": True, "first_name": "Bot", "username": "test_bot"}

    def _refuses(self, method: str, given: dict[str, Any]) -> Refusal | None:
        """What Telegram itself would not do."""
        place = str(given.get("chat_id")), int(given.get("message_id") or 0)
        if method in {"editMessageText", "deleteMessage"} and self.messages and place not in self.messages:
            word = "edit" if method == "editMessageText" else "delete"
            return 400, f"Bad Request: message to {word} not found", {}
        if method == "editMessageText" and self.messages.get(place) == given["text"]:
            return 400, "Bad Request: message is not modified: specified new message content is exactly the same", {}
        if method == "getUpdates" and self.webhook:
            return 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first", {}
        return None

    async def _answerCallbackQuery(self, given: dict[str, Any], _: Any) -> bool:  # noqa: N802  # the method's name
        self.acknowledged.append(given["callback_query_id"])
        return True

    async def _getFile(self, given: dict[str, Any], _: Any) -> dict[str, Any]:  # noqa: N802  # the method's name
        name = given["file_id"]
        return {"file_id": name, "file_unique_id": name, "file_path": name, "file_size": len(self.files[name])}

    async def _setWebhook(self, given: dict[str, Any], _: Any) -> bool:  # noqa: N802  # the method's name
        self.webhook = given
        return True

    async def _deleteWebhook(self, _: Any, __: Any) -> bool:  # noqa: N802  # the method's name
        self.webhook = {}
        return True

    async def _setMyCommands(self, given: dict[str, Any], _: Any) -> bool:  # noqa: N802  # the method's name
        self.commands = given["commands"]
        return True


@cache
def _methods() -> dict[str, type[TelegramMethod[Any]]]:
    """Every method by its name; they take seconds to load, which only those who use them wait for."""
    import aiogram.methods

    base = aiogram.methods.TelegramMethod
    classes = [found for _, found in inspect.getmembers(aiogram.methods, inspect.isclass) if found is not base]
    return {found.__api_method__.lower(): found for found in classes if issubclass(found, base)}


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """Serve it on a free port of loopback."""
    _methods()  # now rather than while the bot waits for its first answer
    api, port = BotApi(), free_port()
    application = web.Application(client_max_size=60 << 20)
    application.router.add_post("/bot{token}/{method}", api.call)
    application.router.add_get("/file/bot{token}/{path:.*}", api.file)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    api.url = f"http://127.0.0.1:{port}"
    yield api
    await runner.cleanup()


def _given(form: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part parameters from uploads; what is JSON is read as such."""
    uploads = {name: value for name, value in form.items() if isinstance(value, web.FileField)}
    plain = {name: _value(value) for name, value in form.items() if isinstance(value, str)}
    attached = {name: "file" for name, value in plain.items() if str(value).startswith("attach://")}
    return plain | attached, uploads


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in "[{" or text in {"true", "false"} else text
    except ValueError:
        return text


def _sent(number: int, given: dict[str, Any]) -> dict[str, Any]:
    named = str(given["chat_id"])
    chat = {"id": int(named), "type": "private"} if not named.startswith("@") else {"id": -100, "type": "channel"}
    return {"message_id": number, "date": int(time.time()), "chat": chat}


def _refused(code: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    told = {"ok": False, "error_code": code, "description": description}
    return web.json_response(told | ({"parameters": parameters} if parameters else {}), status=code)
