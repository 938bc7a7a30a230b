"""`patchdeck connector`: list, show, try with a recording, and a new connector that passes the checks."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.sdk.registry import registry
from hub.cli import main
from hub.cli.scaffold import write_connector
from tests.connectors.recordings import recording
from tests.peers.web import Answer, WebPeer, web_peer

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, ["connector", *arguments])


async def apart(*arguments: str, cwd: Path = ROOT, **environment: str) -> tuple[int, str, str]:
    """Run a command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, told = await process.communicate()
    return process.returncode or 0, said.decode(), told.decode()


async def attempt(*arguments: str) -> tuple[int, str, str]:
    """Run `connector try` as a user would, with loopback allowed."""
    command = (sys.executable, "-m", "hub", "connector", "try", *arguments, "-o", "json")
    return await apart(*command, PATCHDECK_ALLOW_NETWORKS="127.0.0.0/8")


def test_lists_every_connector_as_a_bare_array():
    listed = json.loads(run("list", "-o", "json").stdout)
    assert [one["name"] for one in listed] == list(registry())


async def test_lists_how_connections_fare_when_a_hub_is_given(peer):
    kept = {"name": "ledger-db", "connector": "postgres", "state": "CredentialsError", "message": "No.", "id": "con_1",
            "access": None, "health": {"calls": 9, "failures": 2}}  # fmt: skip
    works = {**kept, "name": "copy", "state": "ok", "health": {"calls": 1, "failures": 0}}
    waits = {**kept, "name": "mail", "connector": "gmail", "state": "untested",
             "access": {"by": "person", "granted_at": None}, "health": {"calls": 0, "failures": 0}}  # fmt: skip
    peer.always(Answer(json={"items": [works, kept, waits], "next_cursor": None}))
    command = (sys.executable, "-m", "hub", "connector", "list")
    code, said, told = await apart(*command, PATCHDECK_URL=peer.base, PATCHDECK_API_KEY="pd_live_x")
    assert (code, told) == (0, "")
    assert "ledger-db: connect again (2 of 9 calls failed), copy: works (1 call)" in said
    assert "mail: connect it" in said
    assert peer.asked[0].path == "/api/v1/connections"


def test_shows_one_connector_as_an_object():
    shown = json.loads(run("show", "http", "-o", "json").stdout)
    uses = {part["summary"]["uses"] for part in shown["parts"]}
    assert uses >= {"http.new_element", "http.graphql_element", "http.request", "http.send"}


def test_shows_one_part_as_a_table():
    assert "Recognise repeats by" in run("show", "webhook.received").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nothing"), 1, "There is no connector"),
        (("show", "http.nothing"), 1, "lists the parts"),
        (("try", "http.send"), 1, "planning a recipe"),
        (("try", "webhook.received"), 1, "waits to be called"),
        (("try", "schedule.due", "--set", "every"), 2, "has no ="),
        (("try", "schedule.due", "--set", "every=soon"), 2, "number and s, m, h"),
        (("try", "rss.new_entry"), 2, "url"),
        (("try", "rss.new_entry", "--set", "url=http://127.0.0.1/"), 1, "PATCHDECK_ALLOW_NETWORKS"),
        (("new", "Not A Name"), 2, "small letters"),
        (("new", "http"), 1, "already"),
    ],
)
def test_says_what_is_wrong(arguments, code, said):
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stderr


async def test_tries_a_trigger_and_prints_its_items(peer):
    peer.play(recording("rss.new_entry", peer.base).exchanges)
    code, said, told = await attempt("rss.new_entry", "--set", f"url={peer.base}/feed.xml")
    assert (code, told) == (0, "")
    assert [item["key"] for item in json.loads(said)] == ["https://rates.example/1", "tag:2"]


async def test_says_how_a_trial_failed(peer):
    peer.always(Answer(status=401))
    code, said, told = await attempt("rss.new_entry", "--set", f"url={peer.base}/feed.xml")
    assert (code, said) == (1, "")
    assert "CredentialsError" in told


async def test_records_an_exchange_without_its_secrets(peer, tmp_path):
    peer.play(recording("http.request", peer.base).exchanges)
    credentials = tmp_path / "connection.yaml"
    credentials.write_text("hosts: [127.0.0.1]\nsecret: t0ken-t0ken\n")
    saved = tmp_path / "request.json"
    settings = ("--set", f"url={peer.base}/items", "--set", "paging.style=link")
    code, _, told = await attempt("http.request", *settings, "--connection", str(credentials), "--record", str(saved))
    kept = json.loads(saved.read_text())
    assert code == 0, told
    assert "t0ken" not in saved.read_text()
    assert peer.base not in saved.read_text()
    assert kept["settings"]["url"] == "{base}/items"
    assert [one["response"]["json"] for one in kept["exchanges"]] == [[{"id": 1}, {"id": 2}], [{"id": 3}]]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source tree with a new connector in it."""
    made = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "connectors", made / "connectors")
    for part in ("tests/connectors", "tests/peers", "hub"):
        shutil.copytree(ROOT / part, made / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", made)
    (made / "tests/__init__.py").touch()
    write_connector("acme_crm", made)
    return made


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ruff", "format", "--check", "connectors/acme_crm.py"),
        ("-m", "ruff", "check", "connectors/acme_crm.py"),
        ("-m", "mypy", "--follow-imports=silent", "connectors/acme_crm.py"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/connectors/test_contract.py", "-k", "acme_crm"),
    ],
    ids=lambda command: " ".join(command[1:3]),
)
async def test_a_new_connector_passes(tree, command):
    code, said, told = await apart(sys.executable, *command, cwd=tree, PYTHONPATH=str(tree))
    assert code == 0, said + told
