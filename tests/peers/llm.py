"""A chat completions endpoint that checks each request as OpenAI documents it and answers by script.

`python llm.py PORT`. What comes next is queued with POST /_script (a list of answers); GET /_asked gives what arrived.
"""

import json
import re
import sys
from collections import deque
from typing import Any

from aiohttp import web

KNOWN = {"model", "messages", "response_format", "temperature", "max_tokens", "seed", "stream", "top_p", "user"}
ROLES = {"system", "developer", "user", "assistant", "tool"}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def mistakes(body: Any) -> list[str]:
    """Name what is wrong in a request."""
    if not isinstance(body, dict):
        return ["the body is no object"]
    found = [f"unknown field {name}" for name in body.keys() - KNOWN]
    if not isinstance(body.get("model"), str):
        found.append("model is required")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        found.append("messages is required")
    found += [
        "a message has a role and a content"
        for message in messages or []
        if message.get("role") not in ROLES or not isinstance(message.get("content"), str)
    ]
    if not 0 <= body.get("temperature", 1) <= 2:
        found.append("temperature is between 0 and 2")
    return found + format_mistakes(body.get("response_format"))


def format_mistakes(wanted: Any) -> list[str]:
    """Name what is wrong in the format of the output."""
    if wanted is None or wanted in ({"type": "text"}, {"type": "json_object"}):
        return []
    told = wanted.get("json_schema") if isinstance(wanted, dict) and wanted.get("type") == "json_schema" else None
    if not isinstance(told, dict) or not NAME.fullmatch(str(told.get("name"))):
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
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return refuse(401, "You did not provide an API key.")
        body = await request.json()
        self.asked.append(body)
        wrong = mistakes(body)
        if wrong:
            return refuse(400, "; ".join(wrong))
        step = self.script.popleft() if self.script else {}
        if step.get("no_schema") and body.get("response_format", {}).get("type") == "json_schema":
            self.script.appendleft(step)
            return refuse(400, "'response_format' of type 'json_schema' is not supported with this model.")
        if "page" in step:
            return web.Response(text=step["page"], content_type=step.get("type", "text/html"))
        if "status" in step:
            return refuse(step["status"], step.get("message", "Something went wrong."), step.get("headers"))
        return web.json_response(completion(body["model"], step))


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
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
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
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.complete)
    app.router.add_post("/_script", model.write_script)
    app.router.add_get("/_asked", model.show_asked)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
