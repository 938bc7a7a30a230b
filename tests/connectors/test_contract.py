"""What every connector promises, checked on all that the registry finds; a new one adds its recordings only."""

import json
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors import sdk
from connectors.sdk import Connector, Effect, Item, Lookup, Secret, Settings, Target, Trigger, WebhookRequest, fill
from connectors.sdk.describe import FieldKind, describe, json_schema
from connectors.sdk.registry import registry
from tests.connectors.recordings import (
    Recording,
    filled,
    part_of,
    parts,
    record_of,
    recording,
    recording_path,
    speaking,
)
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer

ROOT = Path(__file__).parents[2]
SECRET = "s3cret-that-nobody-may-see"
EVERYTHING = parts(Trigger, Lookup, Target)
HTTP = speaking("http", Trigger, Lookup, Target)
STRUCTS = [
    *(part_of(uses).settings for uses in EVERYTHING),
    *(connector.connection for connector in registry().values() if connector.connection),
]
WITH_CONNECTION = [connector for connector in registry().values() if connector.connection]
TARGETS = [target for connector in registry().values() for target in connector.targets.values()]
FAULTS = [
    (Answer(status=401), "CredentialsError", None),
    (Answer(status=403), "CredentialsError", None),
    (Answer(status=404), "SettingsError", None),
    (Answer(status=422), "SettingsError", None),
    (Answer(status=429, headers={"Retry-After": "7"}), "TemporaryError", 7.0),
    (Answer(status=500), "TemporaryError", None),
    (Answer(status=503, headers={"Retry-After": "11"}), "TemporaryError", 11.0),
    ("cut", "TemporaryError", None),
]


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


def use(uses: str, played: Recording, around: Surroundings) -> Any:
    """Call a part as the hub does and give back what comes of it."""
    part = part_of(uses)
    context = around.context(*filled(uses, played))
    record = record_of(played)
    arguments = {Trigger: (None,), Lookup: (), Target: ([record] if getattr(part, "many", False) else record,)}
    return part.function(context, *arguments[type(part)])


async def outcome(uses: str, played: Recording, around: Surroundings) -> Any:
    """Wait for all that a part gives."""
    called = use(uses, played, around)
    return [item async for item in called] if isinstance(part_of(uses), Trigger) else await called


async def read(uses: str, played: Recording, around: Surroundings, cursor: str | None) -> tuple[list[Item], str | None]:
    """Read a trigger from a cursor on: its items, and the cursor afterwards."""
    context = around.context(*filled(uses, played))
    found = [item async for item in part_of(uses).function(context, cursor)]
    return [item for item in found if item.content is not None], ([cursor, *(i.cursor for i in found if i.cursor)])[-1]


def shown(item: Item, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return of an item what a recording tells about it."""
    content = msgspec.to_builtins(item.content)
    known: dict[str, Any] = {"key": item.key, "title": item.title, "content": content}
    known["content"] = {name: content[name] for name in wanted.get("content", {})}
    return {name: known[name] for name in wanted}


@pytest.mark.parametrize("uses", EVERYTHING)
def test_has_a_recording(uses):
    assert recording_path(uses).exists(), f"Add {recording_path(uses).relative_to(ROOT)}."


@pytest.mark.parametrize(
    "uses", [*speaking("driver", Trigger, Lookup, Target), *speaking("hub", Trigger, Lookup, Target)]
)
def test_has_a_proof_where_no_exchange_can_be_recorded(uses):
    proof = ROOT / recording(uses).proof
    assert part_of(uses).name in proof.read_text()


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: f"{struct.__module__}.{struct.__qualname__}")
def test_asks_for_every_setting_with_title_and_widget(struct):
    described = describe(struct)
    assert [field.name for field in described] == list(struct.__struct_fields__)
    assert all(field.title and not field.title.endswith(".") for field in described)
    assert all(not field.hint or field.hint.endswith(".") for field in described)
    assert all(field.choices or field.asks for field in described if field.kind is FieldKind.CHOICE)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: f"{struct.__module__}.{struct.__qualname__}")
def test_has_a_json_schema(struct):
    schema = json.loads(msgspec.json.encode(json_schema(struct)))
    assert list(schema["properties"]) == list(struct.__struct_fields__)


@pytest.mark.parametrize("uses", EVERYTHING)
def test_says_in_a_sentence_what_it_does(uses):
    part = part_of(uses)
    first = part.text.partition("\n")[0]
    assert first[0].isupper()
    assert first.endswith(".")
    assert part.title[0].isupper()
    assert not part.title.endswith(".")


@pytest.mark.parametrize("connector", registry().values(), ids=lambda connector: connector.name)
def test_introduces_its_service(connector):
    part = next(iter([*connector.triggers.values(), *connector.lookups.values(), *connector.targets.values()]))
    words = sys.modules[part.function.__module__].__doc__
    assert words
    assert words.splitlines()[0].endswith(".")
    assert connector.icon.isidentifier()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.uses)
def test_declares_the_effect(target):
    assert target.effect in set(Effect)


@pytest.mark.parametrize("uses", [*parts(Trigger), *parts(Lookup), *parts(Target)])
def test_keeps_secrets_in_connections(uses):
    assert FieldKind.SECRET not in {field.kind for field in describe(part_of(uses).settings)}


def put_secrets(filled_in: Settings, names: list[str]) -> None:
    """Put the same secret everywhere, past what a connection checks of keys and certificates."""
    for name in names:
        msgspec.structs.force_setattr(filled_in, name, Secret(SECRET))


@pytest.mark.parametrize("connector", WITH_CONNECTION, ids=lambda connector: connector.name)
def test_never_shows_a_secret(connector):
    secrets = [field.name for field in describe(connector.connection) if field.kind is FieldKind.SECRET]
    assert secrets
    filled_in = fill(connector.connection, example_of(connector))
    put_secrets(filled_in, secrets)
    assert SECRET not in f"{filled_in!r} {filled_in}"
    with pytest.raises((TypeError, NotImplementedError)):
        msgspec.json.encode(filled_in)


@pytest.mark.parametrize("struct", [connector.connection for connector in WITH_CONNECTION])
def test_never_shows_a_secret_that_was_refused(struct):
    secrets = {field.name: SECRET for field in describe(struct) if field.kind is FieldKind.SECRET}
    with pytest.raises(msgspec.ValidationError) as refused:
        fill(struct, {**secrets, "no_such_setting": SECRET})
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("uses", speaking("http", Trigger))
async def test_reads_each_item_once(uses, peer, around):
    played = recording(uses, peer.base)
    peer.play(played.earlier)
    _, before = await read(uses, played, around, None) if played.earlier else ([], None)
    peer.play(played.exchanges)
    first, cursor = await read(uses, played, around, before)
    again, _ = await read(uses, played, around, cursor)
    assert [shown(item, wanted) for item, wanted in zip(first, played.items, strict=True)] == played.items
    assert len({item.key for item in first}) == len(first) > 0
    assert {item.key for item in again} <= {item.key for item in first}
    assert peer.unknown == []


@pytest.mark.parametrize("uses", speaking("call", Trigger))
def test_takes_each_call_once(uses):
    played = recording(uses)
    settings, connection = filled(uses, played)
    call = WebhookRequest(**{**played.call, "body": played.call["body"].encode()})
    found = part_of(uses).function(call, settings, connection)
    assert [shown(item, wanted) for item, wanted in zip(found, played.items, strict=True)] == played.items


@pytest.mark.parametrize("uses", speaking("clock", Trigger))
def test_comes_due_at_the_recorded_times(uses):
    played = recording(uses)
    settings, _ = filled(uses, played)
    moments = [datetime.fromisoformat(played.after)]
    moments += [
        part_of(uses).function(settings, datetime.fromisoformat(text)) for text in [played.after, *played.times[:-1]]
    ]
    assert [moment.isoformat() for moment in moments[1:]] == played.times


@pytest.mark.parametrize("uses", speaking("http", Lookup))
async def test_looks_up_what_was_recorded(uses, peer, around):
    played = recording(uses, peer.base)
    peer.play(played.exchanges)
    found = await outcome(uses, played, around)
    assert {name: found[name] for name in played.output} == played.output
    assert peer.unknown == []


@pytest.mark.parametrize("uses", speaking("http", Target))
async def test_delivers_what_was_recorded(uses, peer, around):
    played = recording(uses, peer.base)
    peer.play(played.exchanges)
    done = msgspec.to_builtins(await outcome(uses, played, around))
    receipt = done[0] if isinstance(done, list) else done
    assert {name: receipt[name] for name in played.receipt} == played.receipt
    assert peer.unknown == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(getattr(fault[0], "status", fault[0])))
@pytest.mark.parametrize("uses", HTTP)
async def test_names_failures_rightly(uses, fault, peer, around):
    answer, name, retry_after = fault
    peer.always(answer)
    with pytest.raises(sdk.ConnectorError) as failed:
        await outcome(uses, recording(uses, peer.base), around)
    assert type(failed.value).__name__ == name
    assert getattr(failed.value, "retry_after", None) == retry_after
    assert failed.value.message.endswith(".")


@pytest.mark.parametrize("uses", HTTP)
async def test_says_when_a_write_may_have_happened(uses, peer, around):
    peer.always("cut")
    with pytest.raises(sdk.TemporaryError) as failed:
        await outcome(uses, recording(uses, peer.base), around)
    assert failed.value.uncertain


@pytest.mark.parametrize("uses", HTTP)
async def test_names_an_answer_that_cannot_be_read(uses, peer, around):
    played = recording(uses, peer.base)
    kind = "application/json" if played.malformed_error == "TemporaryError" else "text/html"
    peer.always(Answer(text=played.malformed, headers={"Content-Type": kind}))
    with pytest.raises(sdk.ConnectorError) as failed:
        await outcome(uses, played, around)
    assert type(failed.value).__name__ == played.malformed_error


@pytest.mark.parametrize("uses", [uses for uses in HTTP if recording(uses).connection])
async def test_keeps_secrets_out_of_errors(uses, peer, around):
    played = recording(uses, peer.base)
    token = token_of(played)
    said = json.dumps({"message": f"What is this: Bearer {token}, {token}? You sent {played.connection}"})
    peer.always(Answer(status=401, text=said))
    with pytest.raises(sdk.CredentialsError) as failed:
        await outcome(uses, played, around)
    assert token not in f"{failed.value} {failed.value!r} {failed.value.message}"


@pytest.mark.parametrize("uses", [target.uses for target in TARGETS if target.carries_key])
async def test_sends_a_repeat_under_the_same_key(uses, peer, around):
    played = recording(uses, peer.base)
    peer.play(played.exchanges)
    peer.asked.clear()
    await outcome(uses, played, around)
    await outcome(uses, played, around)
    keys = [(asked.headers.get("Idempotency-Key"), b'"KEY-1"' in asked.body) for asked in peer.asked]
    assert keys in ([("KEY-1", False)] * 2, [(None, True)] * 2)


@pytest.mark.parametrize("uses", [target.uses for target in TARGETS if target.previewer])
def test_proves_that_a_preview_writes_nothing(uses):
    folder = (ROOT / recording(uses).proof).parent
    assert any("preview" in proof.read_text() for proof in folder.glob("test_*.py"))


def token_of(played: Recording) -> str:
    """Return what a call signs in with: the recorded connection's token, or the last one that its service granted."""
    return "t0ken-t0ken" if "t0ken-t0ken" in str(played.connection) else "renewed-token"


def example_of(connector: Connector) -> dict[str, Any]:
    """Return the connection that one of the connector's recordings was made with, else one out of its own examples."""
    played = [recording(uses) for uses in EVERYTHING if uses.startswith(f"{connector.name}.")]
    asked = describe(connector.connection) if connector.connection else ()
    examples = {field.name: field.example or "example" for field in asked if field.required}
    return next((one.connection for one in played if one.connection), examples)


def test_finds_all_connectors():
    assert {"http", "webhook", "schedule", "manual", "rss", "sitemap", "web", "folder"} <= registry().keys()
