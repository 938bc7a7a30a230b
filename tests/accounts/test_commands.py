"""`patchdeck user` and `patchdeck key`, straight on a database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.accounts import account_services
from hub.audit import Audit
from hub.database import execute, fetch
from hub.errors import UnauthorizedError
from hub.ids import new_id
from hub.members import Role, Scope


class Done(msgspec.Struct, frozen=True):
    """What a command left behind."""

    code: int
    out: str
    said: str

    @property
    def answer(self) -> Any:
        return msgspec.json.decode(self.out)


Run = Callable[..., Awaitable[Done]]


@pytest.fixture
def run(database: str, tmp_path: Path) -> Run:
    """Run `patchdeck` with the test database, as a script would."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PATCHDECK_")}

    async def patchdeck(*arguments: str, stdin: str = "") -> Done:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hub",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, "PATCHDECK_DATABASE_URL": database, "PATCHDECK_DATA_DIR": str(tmp_path)},
        )
        out, said = await program.communicate(stdin.encode())
        return Done(program.returncode or 0, out.decode(), said.decode())

    return patchdeck


@pytest.fixture
async def no_owner(database: str) -> AsyncIterator[None]:
    """A hub without owners: those of other tests are set aside meanwhile."""
    owners = [row["user"] for row in await fetch('update memberships set role = 1 where role = 4 returning "user"')]
    yield
    await execute('update memberships set role = 4 where "user" = any($1)', owners)


@pytest.mark.usefixtures("no_owner")
async def test_makes_the_first_owner_and_a_key_from_a_script(run: Run, tmp_path: Path) -> None:
    email, password = f"{new_id().hex}@example.test", tmp_path / "password"
    password.write_text("correct horse battery\n")
    first = await run(
        "user", "add", "--email", email, "--role", "owner", "--password-file", str(password), "-o", "json"
    )
    assert (first.code, first.answer["role"]) == (0, "owner"), first.said
    made = await run("key", "create", "ci", "--scope", "admin", "-o", "json")
    assert made.code == 0, made.said
    people = account_services("http://x", Audit())
    member = await people.accounts.authenticate_key(made.answer["key"])
    assert (member.role, member.scopes) == (Role.OWNER, frozenset({Scope.ADMIN}))
    assert "correct horse" not in first.out + first.said
    second = await run("user", "add", "--email", f"v{email}", "--password-file", "-", stdin="another good one\n")
    assert second.code == 0, second.said
    listed = await run("user", "list", "-o", "json")
    assert [one["role"] for one in listed.answer] == ["owner", "viewer"]
    theirs = await run("key", "create", "theirs", "--user", f"v{email}", "-o", "json")
    assert (await people.accounts.authenticate_key(theirs.answer["key"])).role == Role.VIEWER
    revoked = await run("key", "revoke", "ci")
    assert revoked.code == 0, revoked.said
    with pytest.raises(UnauthorizedError):
        await account_services("http://x", Audit()).accounts.authenticate_key(made.answer["key"])
    link = await run("user", "reset", email, "-o", "json")
    assert "/reset/" in link.answer["url"]


@pytest.mark.usefixtures("no_owner")
async def test_the_first_account_must_be_an_owner(run: Run) -> None:
    done = await run("user", "add", "--email", "a@b.example", "--password-file", "-", stdin="correct horse battery")
    assert (done.code, done.out) == (1, "")
    assert "--role owner" in done.said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["user", "add"], 2),
        (["user", "add", "--email", "x@y.example", "--role", "king"], 2),
        (["user", "add", "--email", "x@y.example", "--password-file", "/does/not/exist"], 2),
        (["user", "reset", "nobody@example.test"], 1),
        (["key", "create", "k", "--scope", "everything"], 2),
        (["key", "revoke", "no-such-key"], 1),
    ],
)
async def test_says_what_is_wrong(run: Run, arguments: list[str], code: int) -> None:
    done = await run(*arguments)
    assert (done.code, done.out, "Error:" in done.said) == (code, "", True)
