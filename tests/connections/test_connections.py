"""Connections: stored once, shown without secrets, opened only for calls, kept apart by workspace."""

import asyncio
import contextvars
from collections.abc import AsyncIterator

import pytest

from connectors.sdk.registry import registry
from hub.composition import Built, build
from hub.config import Config
from hub.connections import Connections
from hub.database import fetch, transaction
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.ids import parse
from hub.recipes import parse as parse_recipe
from hub.recipes.choices import Wanted
from temporal.engine import TemporalEngine

BEARER = {"hosts": ["api.example.com"], "kind": "bearer", "secret": "hunter2-hunter2"}
USER = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: tells}
spec:
  trigger: {uses: webhook.received}
  steps: [{id: post, uses: http.send, connection: office, with: {url: "https://api.example.com/"}}]
"""


@pytest.fixture
async def built(database: str, tmp_path) -> AsyncIterator[Built]:
    made = build(Config(data_dir=tmp_path), TemporalEngine())
    yield made
    made.extraction.close()
    await made.contexts.close()


@pytest.fixture
def connections(built: Built) -> Connections:
    return built.services.connections


async def test_shows_which_secrets_are_set_and_never_what_they_are(connections, member):
    added = await connections.add(member, "office", "http", BEARER)
    shown = await connections.show(member, parse("con", added.id))
    assert (shown.secrets_set, "secret" in shown.settings, shown.settings["hosts"]) == (
        ["secret"], False, ["api.example.com"],
    )  # fmt: skip
    (row,) = await fetch("select * from connections where id = $1", parse("con", added.id))
    assert "hunter2" not in repr(dict(row))


async def test_names_only_those_secrets_that_are_set(connections, member):
    added = await connections.add(
        member, "fediverse", "mastodon", {"address": "https://social.example", "token": "hunter2-hunter2"}
    )
    assert [added.secrets_set, (await connections.list(member))[0].secrets_set] == [["token"], ["token"]]


async def test_opens_with_the_secret_for_calls(connections, member):
    added = await connections.add(member, "office", "http", BEARER, 2.5)
    opened = await connections.open(member.workspace, parse("con", added.id))
    assert (opened.settings.secret.reveal(), opened.rate_limit) == ("hunter2-hunter2", 2.5)
    assert "hunter2" not in repr(opened)


async def test_a_server_that_the_operator_has_not_named_is_told_as_a_setting_to_change(built, connections, member):
    added = await connections.add(member, "tools", "mcp", {"url": "https://mcp.example.com/mcp"})
    tested = await connections.test(member, parse("con", added.id))
    assert (tested.state, "PATCHDECK_MCP_SERVERS" in tested.message) == ("SettingsError", True)
    with pytest.raises(InvalidError, match="PATCHDECK_MCP_SERVERS"):
        await built.services.offers.list(member, Wanted(uses="mcp.ask", field="tool", connection="tools"))


async def test_keeps_a_secret_that_a_change_leaves_out(connections, member):
    added = await connections.add(member, "office", "http", BEARER)
    identity = parse("con", added.id)
    await connections.open(member.workspace, identity)
    await connections.change(member, identity, {**BEARER, "kind": "header", "secret": ""})
    opened = await connections.open(member.workspace, identity)
    assert (opened.settings.kind, opened.settings.secret.reveal()) == ("header", "hunter2-hunter2")


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"hosts": ["api.example.com", "mine.example.net"]},
        {"kind": "oauth", "client_id": "me", "scopes": ["a"], "authorize_url": "https://api.example.com/authorize",
         "token_url": "https://mine.example.net/token"},
    ],
    ids=["hosts", "token_url"],
)  # fmt: skip
async def test_sends_a_kept_secret_to_no_other_host(connections, member, elsewhere):
    identity = parse("con", (await connections.add(member, "office", "http", BEARER)).id)
    with pytest.raises(InvalidError, match="did not get it before") as refused:
        await connections.change(member, identity, {**BEARER, "secret": "", **elsewhere})
    assert [problem.path for problem in refused.value.errors] == ["settings.secret"]
    changed = await connections.change(member, identity, {**BEARER, **elsewhere, "secret": "a-new-one"})
    assert "secret" in changed.secrets_set


async def test_a_new_secret_is_used_at_once(connections, member):
    identity = parse("con", (await connections.add(member, "office", "http", BEARER)).id)
    await connections.open(member.workspace, identity)
    await connections.change(member, identity, {**BEARER, "secret": "another-one"})
    assert (await connections.open(member.workspace, identity)).settings.secret.reveal() == "another-one"


async def test_refuses_a_change_of_what_has_changed_meanwhile(connections, member):
    added = await connections.add(member, "office", "http", BEARER)
    await connections.change(member, parse("con", added.id), BEARER)
    with pytest.raises(StaleError):
        await connections.change(member, parse("con", added.id), BEARER, revision=added.revision)


@pytest.mark.parametrize(
    ("name", "connector", "values"),
    [
        ("office", "nothing", BEARER),
        ("office", "webhook", {"preset": "nonsense"}),
        ("office", "http", {"kind": "bearer"}),
        ("office", "http", {**BEARER, "colour": "red"}),
        ("office", "manual", {}),
        ("", "http", BEARER),
        ("x" * 101, "http", BEARER),
    ],
)
async def test_refuses_what_is_not_complete_or_not_known(connections, member, name, connector, values):
    with pytest.raises(InvalidError) as refused:
        await connections.add(member, name, connector, values)
    assert refused.value.errors
    assert await fetch("select 1 from connections where workspace = $1", member.workspace) == []


async def test_refuses_a_name_that_is_taken_case_aside(connections, member):
    await connections.add(member, "office", "http", BEARER)
    with pytest.raises(ConflictError):
        await connections.add(member, "OFFICE", "http", BEARER)


async def test_opening_waits_for_nobody_who_holds_its_row(connections, member):
    identity = parse("con", (await connections.add(member, "office", "http", BEARER)).id)
    async with transaction():
        await fetch("select 1 from connections where id = $1 for update", identity)
        # Tokens are renewed under this lock, while a service answers
        opening = asyncio.create_task(connections.open(member.workspace, identity), context=contextvars.Context())
        async with asyncio.timeout(30):
            assert (await opening).name == "office"


@pytest.mark.parametrize("name", ["office", "Office"])
async def test_does_not_remove_what_a_recipe_uses(connections, built, member, name):
    added = await connections.add(member, name, "http", BEARER)
    await built.services.recipes.apply(member, parse_recipe(USER), publish=True)
    with pytest.raises(ConflictError, match="tells"):
        await connections.remove(member, parse("con", added.id))
    [use] = (await built.services.connection_uses.show(member, parse("con", added.id))).uses
    assert (use.name, use.steps, use.live) == ("tells", ["post"], True)
    await built.services.recipes.remove(member, "tells")
    await connections.remove(member, parse("con", added.id))
    with pytest.raises(NotFoundError):
        await connections.show(member, parse("con", added.id))


async def test_a_stranger_finds_nothing_and_an_editor_may_only_use(connections, members):
    identity = parse("con", (await connections.add(members.admin, "office", "http", BEARER)).id)
    with pytest.raises(NotFoundError):
        await connections.show(members.outsider, identity)
    with pytest.raises(NotFoundError):
        await connections.open(members.outsider.workspace, identity)
    with pytest.raises(ForbiddenError):
        await connections.change(members.editor, identity, BEARER)
    assert (await connections.test(members.editor, identity)).state == "ok"


async def test_tells_what_the_service_says_when_it_is_tested(connections, member):
    values = {"host": "127.0.0.1", "port": 1, "database": "x", "user": "x", "password": "x"}
    added = await connections.add(member, "books", "postgres", values)
    tested = await connections.test(member, parse("con", added.id))
    assert tested.state == "SettingsError"
    assert tested.message


async def test_of_two_who_remove_a_connection_at_once_one_is_told(connections, member):
    added = parse("con", (await connections.add(member, "office", "http", BEARER)).id)
    removing = (connections.remove(member, added) for _ in range(2))
    gone = await asyncio.gather(*removing, return_exceptions=True)
    assert [type(one) for one in gone if one is not None] == [NotFoundError]
    row = "select 1 from audit where workspace = $1 and verb = 'connection.removed'"
    assert len(await fetch(row, member.workspace)) == 1


async def test_what_a_test_said_of_former_settings_is_not_kept(connections, member, monkeypatch):
    added = parse("con", (await connections.add(member, "office", "http", BEARER)).id)

    async def check(*_: object) -> None:
        await connections.change(member, added, {**BEARER, "secret": "another-secret"})

    monkeypatch.setattr(registry()["http"], "checker", check)
    assert (await connections.test(member, added)).state == "untested"
