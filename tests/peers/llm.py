"""A chat completions endpoint that checks each request as OpenAI documents it and answers by script.

Run by llm_client.py. What comes next is queued with POST /_script (a list of answers); GET /_asked gives what arrived.
"""

import json
import re
import sys
from collections import deque
from typing import Any

from aiohttp import web

from tests.peers import llm_contract as contract
from tests.peers.llm_tuning import Tuning

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def mistakes(body: Any) -> list[str]:
    """Name what is wrong in a request, as OpenAI's description and its rules for strict schemas say."""
    return contract.mistakes("CreateChatCompletionRequest", body) or format_mistakes(body.get("response_format"))


def format_mistakes(wanted: Any) -> list[str]:
    """Name what is wrong in the format of the output."""
    told = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if told is None:
        return []
    if not NAME.fullmatch(str(told.get("name"))):
        return ["response_format needs a json_schema with a name"]
    return strict_mistakes(told.get("schema"), "schema") if told.get("strict") else []


def strict_mistakes(schema: Any, path: str) -> list[str]:
    """A strict schema requires every property and allows no other."""
    if not isinstance(schema, dict):
        return [f"{path} is no schema"]
    found = []
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            found.append(f"{path}.additionalProperties must be false")
        if set(schema.get("required", [])) != set(schema.get("properties", {})):
            found.append(f"{path}.required must name every property")
        for name, inner in schema.get("properties", {}).items():
            found += strict_mistakes(inner, f"{path}.{name}")
    if schema.get("type") == "array":
        found += strict_mistakes(schema.get("items"), f"{path}[]")
    return found


class Model:
    """Remembers what it was asked and answers what it was told to."""

    def __init__(self) -> None:
        self.script: deque[dict[str, Any]] = deque()
        self.asked: list[dict[str, Any]] = []

    async def write_script(self, request: web.Request) -> web.Response:
        """Take the answers to give next, and forget what was asked."""
        self.script = deque(await request.json())
        self.asked = []
        return web.json_response({})

    async def show_asked(self, request: web.Request) -> web.Response:
        """Show the requests that arrived."""
        return web.json_response(self.asked)

    async def complete(self, request: web.Request) -> web.Response:
        """Check a request and give the next answer."""
        refusal = keyless(request)
        if refusal:
            return refusal
        body = await request.json()
        self.asked.append(body | {"_key": key_of(request)})
        wrong = mistakes(body)
        if wrong:
            return refuse(400, "; ".join(wrong))
        step = self.script.popleft() if self.script else {}
        dislike = disliked(step, body)
        if dislike:
            self.script.appendleft(step)
            return refuse(400, dislike)
        return answered(step, body)


def disliked(step: dict[str, Any], body: dict[str, Any]) -> str:
    """Say which parameter the model that a step describes does not take."""
    if step.get("no_schema") and body.get("response_format", {}).get("type") == "json_schema":
        return "'response_format' of type 'json_schema' is not supported with this model."
    if step.get("no_temperature") and "temperature" in body:
        return "Unsupported value: 'temperature' does not support 0.0 with this model."
    if step.get("no_max_tokens") and "max_tokens" in body:
        return "Unsupported parameter: 'max_tokens' is not supported with this model."
    return ""


def answered(step: dict[str, Any], body: dict[str, Any]) -> web.Response:
    """Give the answer that a step describes."""
    if "page" in step:
        packed = {"content-encoding": "gzip"} if step.get("packed") else None
        return web.Response(text=step["page"], content_type=step.get("type", "text/html"), headers=packed)
    if "status" in step:
        return refuse(step["status"], step.get("message", "Something went wrong."), step.get("headers"))
    answer = completion(body["model"], step)
    wrong = contract.mistakes("CreateChatCompletionResponse", answer)
    return refuse(500, f"The peer itself is wrong: {wrong}") if wrong else web.json_response(answer)


def key_of(request: web.Request) -> str:
    """Return the key of a request, however it is sent."""
    return request.headers.get("api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")


def keyless(request: web.Request) -> web.Response | None:
    """Refuse a request without a key, and one with a wrong key."""
    if key_of(request) in {"", "none", "wrong"}:
        return refuse(401, "You did not provide a right API key.")
    return None


def refuse(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """Write an error as the API does."""
    error = {"error": {"message": message, "type": "error", "param": None, "code": None}}
    return web.json_response(error, status=status, headers=headers)


def completion(model: str, step: dict[str, Any]) -> dict[str, Any]:
    """Write an answer as the API does."""
    content = step.get("content", {})
    message = {
        "role": "assistant",
        "content": None if "refusal" in step else content if isinstance(content, str) else json.dumps(content),
        "refusal": step.get("refusal"),
    }
    choice = {"index": 0, "message": message, "finish_reason": step.get("finish", "stop"), "logprobs": None}
    tokens = step.get("tokens", [900, 100])
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


def main() -> None:
    """Serve on the port that was given."""
    model = Model()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    Tuning(keyless, refuse).add_to(app.router)
    app.router.add_post("/v1/chat/completions", model.complete)
    app.router.add_post("/_script", model.write_script)
    app.router.add_get("/_asked", model.show_asked)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
