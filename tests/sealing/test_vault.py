"""The vault: what is sealed opens only where it was sealed, and rotation loses nothing."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from hub.database import execute, fetch, fetch_one, transaction
from hub.ids import new_id
from hub.sealing import MasterKeys, SealError, Vault, place, rotate
from hub.sealing.rotation import SEALED_COLUMNS
from tests.conftest import Members

WHERE = place("connections", "some-row", "secrets")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "master.key"


@pytest.fixture
def vault(keys: Path) -> Vault:
    return Vault(MasterKeys.from_file(keys))


@pytest.fixture
async def alone(database: str) -> AsyncIterator[None]:
    """Rotation goes over every workspace: set other tests' keys aside, which are under their master keys.

    What they sealed under second keys, or only pretended to seal, would be sealed anew, so it goes.
    """
    for sealed in SEALED_COLUMNS:
        place_of_key = f"substring({sealed.column} from 5 for 1)"
        await execute(f"delete from {sealed.table} where {sealed.column} is not null and {place_of_key} <> '\\x01'")
    aside = await fetch("select row_to_json(k)::text as k from workspace_keys k")
    await execute("delete from workspace_keys")
    yield
    await execute("delete from workspace_keys")
    await execute(
        "insert into workspace_keys select r.* from unnest($1::text[]) as t(k), "
        "json_populate_record(null::workspace_keys, k::json) r",
        [row["k"] for row in aside],
    )


async def test_opens_what_it_sealed(vault: Vault, workspace: UUID) -> None:
    assert await vault.open(workspace, WHERE, await vault.seal(workspace, WHERE, b"hunter2")) == b"hunter2"


async def test_never_writes_the_same_bytes_twice(vault: Vault, workspace: UUID) -> None:
    assert await vault.seal(workspace, WHERE, b"x") != await vault.seal(workspace, WHERE, b"x")


async def test_opens_nothing_at_another_place(vault: Vault, workspace: UUID) -> None:
    sealed = await vault.seal(workspace, WHERE, b"hunter2")
    with pytest.raises(SealError, match="belongs elsewhere"):
        await vault.open(workspace, place("connections", "other-row", "secrets"), sealed)


async def test_opens_nothing_of_another_workspace(vault: Vault, workspace: UUID, members: Members) -> None:
    sealed = await vault.seal(workspace, WHERE, b"hunter2")
    with pytest.raises(SealError, match="belongs elsewhere"):
        await vault.open(members.outsider.workspace, WHERE, sealed)


@pytest.mark.parametrize("at", [5, 20, -1])
async def test_refuses_changed_bytes(vault: Vault, workspace: UUID, at: int) -> None:
    sealed = bytearray(await vault.seal(workspace, WHERE, b"hunter2"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        await vault.open(workspace, WHERE, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x02" + bytes(40), b"plain text"])
async def test_refuses_what_it_never_sealed(vault: Vault, workspace: UUID, sealed: bytes) -> None:
    with pytest.raises(SealError, match="not sealed by Patchdeck"):
        await vault.open(workspace, WHERE, sealed)


async def test_needs_the_right_master_key(vault: Vault, workspace: UUID) -> None:
    sealed = await vault.seal(workspace, WHERE, b"hunter2")
    other = Vault(MasterKeys([secrets.token_bytes(32)]))
    with pytest.raises(SealError, match="right master key"):
        await other.open(workspace, WHERE, sealed)


async def test_does_not_keep_a_key_whose_transaction_was_rolled_back(vault: Vault, workspace: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        await _seal_and_fail(vault, workspace)
    sealed = await vault.seal(workspace, WHERE, b"hunter2")
    assert await Vault(vault.master).open(workspace, WHERE, sealed) == b"hunter2"


def test_the_key_file_is_for_its_owner_only(keys: Path) -> None:
    MasterKeys.from_file(keys)
    assert keys.stat().st_mode & 0o777 == 0o600


def test_the_key_file_is_made_once(keys: Path) -> None:
    assert MasterKeys.from_file(keys).current == MasterKeys.from_file(keys).current


def test_refuses_a_key_file_others_may_read(keys: Path) -> None:
    MasterKeys.from_file(keys)
    keys.chmod(0o644)
    with pytest.raises(SealError, match="chmod 600"):
        MasterKeys.from_file(keys)


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"short").decode(), "*" * 44])
def test_refuses_a_master_key_that_is_none(text: str) -> None:
    with pytest.raises(SealError, match="openssl rand"):
        MasterKeys.from_text(text)


@pytest.mark.usefixtures("alone")
async def test_a_key_from_the_environment_is_rotated_by_listing_the_new_one_first(workspace: UUID) -> None:
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    sealed = await Vault(MasterKeys.from_text(old)).seal(workspace, WHERE, b"hunter2")
    both = Vault(MasterKeys.from_text(f"{new},{old}"))
    await rotate(both, master_key=True)
    assert await Vault(MasterKeys.from_text(new)).open(workspace, WHERE, sealed) == b"hunter2"


async def _connection(vault: Vault, workspace: UUID, secret: bytes) -> UUID:
    row = new_id()
    sealed = await vault.seal(workspace, place("connections", row, "secrets"), secret)
    await execute(
        "insert into connections (id, workspace, name, connector, secrets) values ($1, $2, $3, 'http', $4)",
        row,
        workspace,
        row.hex,
        sealed,
    )
    return row


@pytest.mark.usefixtures("alone")
async def test_rotation_seals_stored_secrets_anew_while_others_read(vault: Vault, workspace: UUID) -> None:
    running = Vault(vault.master)
    row = await _connection(running, workspace, b"hunter2")
    before = await fetch_one("select secrets from connections where id = $1", row)
    rotated = await rotate(vault)
    after = await fetch_one("select secrets from connections where id = $1", row)
    assert before is not None
    assert after is not None
    assert (before["secrets"][4], after["secrets"][4], rotated.values) == (1, 2, 1)
    assert await running.open(workspace, place("connections", row, "secrets"), after["secrets"]) == b"hunter2"
    assert await running.open(workspace, place("connections", row, "secrets"), before["secrets"]) == b"hunter2"


@pytest.mark.usefixtures("alone")
async def test_rotation_of_the_master_key_leaves_the_old_one_useless(keys: Path, workspace: UUID) -> None:
    old = MasterKeys.from_text(_made(keys))
    running = Vault(MasterKeys.from_file(keys))
    sealed = await running.seal(workspace, WHERE, b"hunter2")
    await rotate(Vault(MasterKeys.from_file(keys)), master_key=True)
    fresh = MasterKeys.from_file(keys)
    rows = await fetch("select master_key_id from workspace_keys where workspace = $1", workspace)
    assert {row["master_key_id"] for row in rows} == {fresh.current} != {old.current}
    assert await Vault(fresh).open(workspace, WHERE, sealed) == b"hunter2"
    later = await running.seal(workspace, WHERE, b"later")
    assert await running.open(workspace, WHERE, later) == b"later"
    with pytest.raises(SealError, match="right master key"):
        await Vault(old).open(workspace, WHERE, sealed)


@pytest.mark.usefixtures("alone")
async def test_of_two_rotations_at_once_one_is_refused_and_no_key_is_lost(keys: Path, workspace: UUID) -> None:
    both = [Vault(MasterKeys.from_file(keys)) for _ in range(2)]
    sealed = await both[0].seal(workspace, WHERE, b"hunter2")
    rotating = await asyncio.gather(*(rotate(one, master_key=True) for one in both), return_exceptions=True)
    assert sorted(type(one).__name__ for one in rotating) == ["ConflictError", "Rotated"]
    for one in both:
        one.master.begin_rotation()
    assert await Vault(MasterKeys.from_file(keys)).open(workspace, WHERE, sealed) == b"hunter2"


async def _seal_and_fail(vault: Vault, workspace: UUID) -> None:
    async with transaction():
        await vault.seal(workspace, WHERE, b"x")
        raise ZeroDivisionError


def _made(keys: Path) -> str:
    MasterKeys.from_file(keys)
    return keys.read_text().strip()
