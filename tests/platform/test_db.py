"""Operations on the data of a hub: backup, restore, keys, engine."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from hub.supervisor.lock import OwnerLock
from hub.supervisor.up import LOCK_NAME
from tests.platform.commands import patchdeck


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an owner, a key, a master key and a stored file."""
    folder = tmp_path_factory.mktemp("hub")
    data, password = folder / "data", folder / "password"
    password.write_text("correct horse battery\n")
    owner = ("--email", "ada@example.test", "--role", "owner", "--password-file", password)
    patchdeck("user", "add", *owner, "--data-dir", data)
    patchdeck("key", "create", "ci", "--scope", "admin", "--data-dir", data)
    patchdeck("db", "rotate-keys", "--data-dir", data)
    (data / "files" / "ab").mkdir(parents=True)
    (data / "files" / "ab" / "cd").write_bytes(b"sealed")
    return data


def test_restores_what_was_backed_up_without_the_master_key(hub: Path, tmp_path: Path) -> None:
    made = patchdeck("db", "backup", tmp_path / "hub.tar", "--data-dir", hub, "-o", "json")
    assert json.loads(made.stdout)["files"] is True
    assert "it is not in the backup" in made.stderr
    with tarfile.open(tmp_path / "hub.tar") as archive:
        assert not [name for name in archive.getnames() if "master" in name]
    assert (tmp_path / "hub.tar").stat().st_mode & 0o777 == 0o600

    restored = patchdeck("db", "restore", tmp_path / "hub.tar", "--data-dir", tmp_path / "new")
    assert "Put the master key of that hub at" in restored.stderr
    assert (tmp_path / "new" / "files" / "ab" / "cd").read_bytes() == b"sealed"
    keys = json.loads(patchdeck("key", "list", "--data-dir", tmp_path / "new", "-o", "json").stdout)
    assert [key["name"] for key in keys] == ["ci"]

    again = patchdeck("db", "restore", tmp_path / "hub.tar", "--data-dir", tmp_path / "new", code=1)
    assert "Restore into an empty data directory." in again.stderr


def test_refuses_what_is_not_a_backup(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear hub")
    refused = patchdeck("db", "restore", tmp_path / "letter.txt", "--data-dir", tmp_path / "new", code=1)
    assert "is not a backup" in refused.stderr
    assert not (tmp_path / "new").exists()


def test_replaces_the_master_key(hub: Path) -> None:
    before = (hub / "master.key").read_text()
    done = patchdeck("db", "rotate-keys", "--master", "--data-dir", hub, "-o", "json")
    assert json.loads(done.stdout) == {"workspaces": 1, "values": 0, "master_key": True}
    assert (hub / "master.key").read_text() != before


def test_throws_the_engine_away_unless_the_hub_runs(tmp_path: Path) -> None:
    (tmp_path / "temporal").mkdir()
    (tmp_path / "temporal" / "temporal.db").write_bytes(b"old")
    lock = OwnerLock(tmp_path / LOCK_NAME)
    lock.acquire()
    refused = patchdeck("db", "rebuild-engine", "--data-dir", tmp_path, code=1)
    assert f"The hub is running as process {os.getpid()}." in refused.stderr
    lock.release()
    patchdeck("db", "rebuild-engine", "--data-dir", tmp_path)
    assert not (tmp_path / "temporal").exists()


def test_leaves_an_engine_of_the_operators_own_alone() -> None:
    refused = patchdeck("db", "rebuild-engine", TEMPORAL_ADDRESS="temporal:7233", code=2)
    assert "names a server of your own" in refused.stderr
