"""Bots whose messages go to one listener only: a second recipe, or the hub's own bot, cannot listen as well."""

from __future__ import annotations

from uuid import uuid4

import pytest

from hub.composition import Services
from hub.errors import InvalidError
from hub.recipes import parse
from hub.recipes.document import RecipeDocument
from hub.recipes.listening import Listening
from tests.conftest import Members

TOKEN = "111:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
PLACE = "spec.trigger.connection"


def document(name: str, connection: str = "Bot") -> RecipeDocument:
    """A recipe that listens to a Telegram bot."""
    return parse(f"""
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}}}
spec:
  trigger: {{uses: telegram.message_received, connection: {connection}}}
  steps:
    - {{id: keep, uses: template, with: {{text: "{{{{ trigger.text }}}}"}}}}
""")


@pytest.fixture
async def listener(services: Services, members: Members) -> Services:
    """A hub whose recipe `first` listens to the bot 111, which two connections hold; a third holds another bot."""
    for name, token in (("Bot", TOKEN), ("Same bot", TOKEN), ("Other", "222:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB")):
        await services.connections.add(members.owner, name, "telegram", {"token": token})
    await services.recipes.apply(members.editor, document("first"), publish=True)
    return services


@pytest.mark.parametrize("connection", ["Bot", "bot", "Same bot"])
async def test_a_second_recipe_cannot_listen_to_the_same_bot(listener: Services, members: Members, connection):
    made = await listener.recipes.create(members.editor, document("second", connection))
    (problem,) = made.problems
    assert problem.path == PLACE
    assert problem.message.startswith("The recipe 'first' listens to this account already")
    with pytest.raises(InvalidError):
        await listener.recipes.apply(members.editor, document("third", connection), publish=True)
    assert "AAAA" not in problem.message


async def test_a_paused_recipe_goes_on_listening_and_a_deleted_one_does_not(listener: Services, members: Members):
    await listener.recipes.pause(members.editor, "first")
    assert [one.path for one in await listener.recipes.validate(members.editor, document("second"))] == [PLACE]
    await listener.recipes.remove(members.editor, "first")
    assert await listener.recipes.validate(members.editor, document("second")) == []


async def test_a_recipe_does_not_stand_in_its_own_way(listener: Services, members: Members):
    (recipe,) = (await listener.recipes.list(members.editor)).items
    saved = await listener.recipes.save(members.editor, recipe.id, document("renamed", "Same bot"))
    assert saved.problems == []
    assert (await listener.recipes.publish(members.editor, recipe.id)).version == 2


async def test_another_bot_and_another_workspace_are_free(listener: Services, members: Members):
    assert await listener.recipes.validate(members.editor, document("second", "Other")) == []
    listening = Listening(listener.connections, {})
    assert await listening.problems(uuid4(), document("second")) == []


async def test_the_hubs_own_bot_listens_to_no_recipe(listener: Services, members: Members):
    listening = Listening(listener.connections, {"telegram": "222"})
    (problem,) = await listening.problems(members.workspace, document("second", "Other"))
    assert problem.path == PLACE
    assert problem.message.startswith("This is the bot by which people talk to this hub.")
