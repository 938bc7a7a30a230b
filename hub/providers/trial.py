"""A test call: the smallest question, whose answer shows that address, key and model belong together."""

from __future__ import annotations

from uuid import UUID

from hub.errors import HubError
from hub.providers.asking import Question, asking
from hub.providers.spending import Spending
from hub.providers.structs import OpenProvider

_QUESTION = Question(
    rules="Answer with one JSON object.",
    content="Is this readable? Answer true in the field readable.",
    schema={
        "type": "object",
        "properties": {"readable": {"type": "boolean"}},
        "required": ["readable"],
        "additionalProperties": False,
    },
)
# More than any model has needed for it, thinking included.
_TOKENS = 600


async def ask(provider: OpenProvider, spending: Spending, workspace: UUID) -> tuple[str, str]:
    """Return the provider's state, `ok` or `failed`, and a sentence that says what came of it."""
    try:
        call = await spending.reserve(workspace, provider, _TOKENS, provider.model.cost(_TOKENS // 2, _TOKENS // 2))
    except HubError as error:
        return "failed", error.message
    spent = (0, 0)
    try:
        async with asking(provider, tries=1) as asked:
            said = await asked.ask(_QUESTION)
        spent = (said.input_tokens, said.output_tokens)
    except HubError as error:
        return "failed", error.message
    finally:
        await spending.settle(workspace, provider, call, *spent)
    if said.failure:
        return "failed", said.failure
    return "ok", f"{provider.model.name} answers."
