"""What is wrong with a call of Slack's Web API, by what Slack's own SDK publishes about it.

A method takes the arguments that the SDK's method of that name has (docs.slack.dev, API methods), in the encoding that
it sends; blocks and views must survive the SDK's Block Kit models, which know elements and limits. A few limits that
the models leave out, such as the blocks of a message, stand here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

# What goes as a form or in the address at the SDK, because Slack reads no JSON there
_FORMS = frozenset({"files.info", "files.getUploadURLExternal", "users.info", "auth.test"})


def wrong(name: str, known: Any, given: dict[str, Any], *, as_json: bool) -> list[str]:
    found = misfits(name, known, given, as_json=as_json)
    return found + limits(given) + (_view_limits(given["view"]) if "view" in given else [])


def misfits(name: str, known: Any, given: dict[str, Any], *, as_json: bool) -> list[str]:
    """What the arguments lack or have too much, by the SDK's method of that name."""
    parameters = inspect.signature(known).parameters
    takes = set(parameters) - {"self", "kwargs"}
    found = [f"unknown arguments {set(given) - takes}"] if set(given) - takes else []
    if as_json and name in _FORMS:
        found.append("Slack reads no JSON here")
    missing = [
        one.name
        for one in parameters.values()
        if one.default is inspect.Parameter.empty
        and one.kind is one.KEYWORD_ONLY
        and one.name not in {*given, "app_token"}
    ]
    return found + ([f"missing {missing}"] if missing else [])


def limits(given: dict[str, Any]) -> list[str]:
    blocks = given.get("blocks", [])
    found = blocks_of(blocks)
    found += ["more than 50 blocks in a message"] if len(blocks) > 50 else []
    if "blocks" in given or "channel" in given:
        text = given.get("text", "x")
        found += ["a message without text for screen readers"] if not text else []
        found += ["text not escaped"] if "<" in text or ">" in text else []
        found += ["text above 4000"] if len(text) > 4000 else []
    return found


def _view_limits(view: dict[str, Any]) -> list[str]:
    found = blocks_of(view["blocks"])
    try:
        View(**view).validate_json()
    except SlackObjectFormationError as error:
        found.append(str(error))
    has_inputs = any(block["type"] == "input" for block in view["blocks"])
    found += ["inputs without submit"] if has_inputs and view["type"] == "modal" and "submit" not in view else []
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    return found + (["two blocks of one id"] if len(ids) != len(set(ids)) else [])


def blocks_of(blocks: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        try:
            parsed = Block.parse(block)
            kept = parsed.to_dict() if parsed is not None else {}
        except SlackObjectFormationError as error:
            found.append(f"{block.get('type')}: {error}")
            continue
        found += [f"{path} is not known in {block['type']}" for path in _lost(block, kept)]
        found += ["an empty text"] if any(not text for text in _texts(block)) else []
        found += ["a text above 3000"] if any(len(text) > 3000 for text in _texts(block)) else []
    return found


def _lost(given: Any, kept: Any, path: str = "") -> list[str]:
    """What a model of the SDK's does not know and therefore leaves out."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return [
            one
            for name, value in given.items()
            for one in ([f"{path}.{name}"] if name not in kept else _lost(value, kept[name], f"{path}.{name}"))
        ]
    if isinstance(given, list) and isinstance(kept, list):
        return [one for left, right in zip(given, kept, strict=True) for one in _lost(left, right, path)]
    return []


def _texts(block: Any) -> Iterator[str]:
    if isinstance(block, dict):
        for name, value in block.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    for one in block if isinstance(block, list) else ():
        yield from _texts(one)
