"""Subscriptions as admins keep them: checked, secret, changed under a revision, within a limit."""

import msgspec
import pytest

from hub.database import fetch, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.ids import parse
from hub.members import Member
from hub.sealing import rotate
from hub.subscriptions import KINDS, NewSubscription, SubscriptionChange
from hub.subscriptions.service import MOST
from tests.conftest import Members
from tests.subscriptions.parts import Parts, parts_of
from tests.subscriptions.receiver import Receiver

SOMEWHERE = NewSubscription(url="https://93.184.216.34/hook", kinds=("run.*", "run.*", "item.dead"), description=" x ")


async def test_shows_the_secret_once(parts: Parts, member: Member) -> None:
    made = await parts.subscriptions.create(member, SOMEWHERE)
    shown = await parts.subscriptions.show(member, made.id)
    row = await fetch_one("select secret from subscriptions where id = $1", parse("whk", made.id))
    assert made.secret.startswith("whsec_")
    assert made.secret not in msgspec.json.encode(shown).decode()
    assert row is not None
    assert made.secret.encode() not in row["secret"]
    assert (list(shown.kinds), shown.description, shown.state) == (["run.*", "item.dead"], "x", "active")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.1/x", "http://[::1]/", "http://169.254.169.254/latest", "http://2130706433/",
        "ftp://example.com/", "https://", "https://user:word@93.184.216.34/", "http://[", "http://93.184.216.34:99999/",
        "javascript:alert(1)", "/etc/passwd",
    ],
)  # fmt: skip
async def test_refuses_addresses_that_are_none_or_private(parts: Parts, member: Member, url: str) -> None:
    public_only = parts_of(parts.vault)
    with pytest.raises(InvalidError) as refused:
        await public_only.subscriptions.create(member, NewSubscription(url=url, kinds=("*",)))
    assert [one.path for one in refused.value.errors] == ["url"]


async def test_checks_the_address_again_when_sending(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver)
    public_only = parts_of(parts.vault)
    shown = await public_only.messages.test(member, made.id)
    await public_only.sender.close()
    assert "is not on the public internet" in shown.message.problem
    assert receiver.got == []


@pytest.mark.parametrize("kind", ["", "run", "run.", "no.such", "*.*", "run.*; drop table", "x" * 100])
async def test_refuses_kinds_that_there_are_not(parts: Parts, member: Member, kind: str) -> None:
    with pytest.raises(InvalidError, match="There is no kind of event"):
        await parts.subscriptions.create(member, NewSubscription(url=SOMEWHERE.url, kinds=(kind,)))


async def test_takes_every_kind_there_is(parts: Parts, member: Member) -> None:
    kinds = tuple(one.kind for one in KINDS)
    made = await parts.subscriptions.create(member, NewSubscription(url=SOMEWHERE.url, kinds=kinds))
    assert tuple(made.kinds) == kinds


async def test_lets_admins_alone_see_and_change(parts: Parts, members: Members) -> None:
    made = await parts.subscriptions.create(members.admin, SOMEWHERE)
    with pytest.raises(ForbiddenError):
        await parts.subscriptions.list(members.editor)
    with pytest.raises(ForbiddenError):
        await parts.messages.test(members.editor, made.id)
    with pytest.raises(NotFoundError):
        await parts.subscriptions.rotate(members.outsider, made.id)


async def test_changes_what_is_given_under_its_revision(parts: Parts, member: Member) -> None:
    made = await parts.subscriptions.create(member, SOMEWHERE)
    change = SubscriptionChange(kinds=("*",), active=False)
    changed = await parts.subscriptions.change(member, made.id, change, revision=made.revision)
    assert (list(changed.kinds), changed.state, changed.url) == (["*"], "paused", made.url)
    with pytest.raises(StaleError):
        await parts.subscriptions.change(member, made.id, change, revision=made.revision)


async def test_forgets_everything_with_a_subscription(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver)
    await parts.messages.test(member, made.id)
    await parts.subscriptions.remove(member, made.id)
    assert await fetch("select from subscription_messages where workspace = $1", member.workspace) == []
    assert await fetch("select from subscription_cursors where workspace = $1", member.workspace) == []
    with pytest.raises(NotFoundError):
        await parts.subscriptions.remove(member, made.id)


async def test_has_an_end(parts: Parts, member: Member) -> None:
    made = [await parts.subscriptions.create(member, SOMEWHERE) for _ in range(MOST)]
    assert len(await parts.subscriptions.list(member)) == len(made)
    with pytest.raises(ConflictError, match="50 webhooks at most"):
        await parts.subscriptions.create(member, SOMEWHERE)


async def test_writes_down_who_did_what_without_secrets(parts: Parts, member: Member) -> None:
    made = await parts.subscriptions.create(member, NewSubscription(url=f"{SOMEWHERE.url}?token=hush", kinds=("*",)))
    await parts.subscriptions.rotate(member, made.id)
    await parts.subscriptions.remove(member, made.id)
    rows = await fetch("select verb, detail from audit where workspace = $1 order by number", member.workspace)
    assert [row["verb"] for row in rows] == ["webhook.created", "webhook.secret_rotated", "webhook.removed"]
    assert "hush" not in str([row["detail"] for row in rows])


async def test_opens_its_secrets_after_keys_are_rotated(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver)
    receiver.secrets.add((await parts.subscriptions.rotate(member, made.id)).secret)
    await rotate(parts.vault)
    tested = await parts.messages.test(member, made.id)
    assert (tested.message.state, receiver.got[0].signatures) == ("sent", 2)
