import asyncio

import msgspec
import pytest
from click.testing import CliRunner

from hub.cli.root import main
from tests.recipes.texts import recipe

SEND = "- {id: send, uses: http.send, with: {url: 'https://a.example/', json: 1}}"
GOOD = recipe(SEND)
OTHER = recipe(SEND.replace("a.example", "b.example"))
BROKEN = recipe("- {id: send, uses: http.send, with: {urll: 'https://a.example/'}}")


@pytest.fixture
def call(hub_url):
    """Run a command against the hub while it goes on serving."""
    environment = {"PATCHDECK_URL": hub_url, "PATCHDECK_API_KEY": "pd_live_any"}

    async def run(*arguments, text=""):
        return await asyncio.to_thread(CliRunner().invoke, main, ["recipe", *arguments], input=text, env=environment)

    return run


def local(*arguments, text=""):
    return CliRunner().invoke(main, ["recipe", *arguments], input=text)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "orders.yaml"
    path.write_text(GOOD)
    return str(path)


def test_validates_without_a_hub(file):
    done = local("validate", file, "-o", "json")
    assert done.exit_code == 0
    assert msgspec.json.decode(done.stdout) == {"file": file, "valid": True, "problems": []}


def test_says_where_a_file_is_wrong_and_fails():
    done = local("validate", "-", "-o", "json", text=BROKEN)
    told = msgspec.json.decode(done.stdout)
    assert (done.exit_code, told["valid"]) == (1, False)
    assert [problem["path"] for problem in told["problems"]] == ["spec.steps[0].with.urll", "spec.steps[0].with.url"]


def test_validates_several_files(file):
    done = local("validate", file, "-", "-o", "json", text="- 1")
    assert done.exit_code == 1
    assert [one["valid"] for one in msgspec.json.decode(done.stdout)] == [True, False]


def test_shows_problems_as_a_table():
    done = local("validate", "-", text=BROKEN)
    assert "spec.steps[0].with.urll" in done.stdout
    assert "-: not valid" in done.stderr


def test_fails_on_a_file_that_is_not_there():
    done = local("validate", "/nowhere/at/all.yaml")
    assert (done.exit_code, "cannot be read" in done.stderr) == (1, True)


async def test_applies_once_and_shows_the_drift(call, file):
    first = await call("apply", "-f", file, "--publish", "-o", "json")
    again = await call("apply", "-f", file, "--publish", "-o", "json")
    drift = await call("diff", "-f", "-", "-o", "json", text=OTHER)
    answers = [msgspec.json.decode(done.stdout) for done in (first, again, drift)]
    assert [done.exit_code for done in (first, again, drift)] == [0, 0, 0]
    assert [(answer["change"], answer["published"]) for answer in answers] == [
        ("created", True),
        ("unchanged", False),
        ("changed", False),
    ]
    assert [one["path"] for one in answers[2]["differences"]] == ["spec.steps[send].with.url"]


async def test_names_the_file_that_cannot_be_applied(call):
    done = await call("apply", "-f", "-", text=BROKEN)
    assert done.exit_code == 1
    assert "-: The recipe has problems" in done.stderr
    assert "spec.steps[0].with.urll: There is no setting 'urll'. Did you mean 'url'?" in done.stderr


async def test_shows_a_recipe_with_its_address(call, file):
    await call("apply", "-f", file)
    shown = msgspec.json.decode((await call("show", "orders", "-o", "json")).stdout)
    listed = msgspec.json.decode((await call("list", "-o", "json")).stdout)
    assert shown["hook_url"].startswith("https://hub.example/hooks/")
    assert [one["name"] for one in listed] == ["orders"]


async def test_exports_what_can_be_applied_unchanged(call, file):
    await call("apply", "-f", file)
    exported = await call("export", "orders")
    again = await call("apply", "-f", "-", "-o", "json", text=exported.stdout)
    assert msgspec.json.decode(again.stdout)["change"] == "unchanged"


async def test_publishes_pauses_resumes_and_deletes(call, file):
    await call("apply", "-f", file)
    published = await call("publish", "orders", "--note", "go", "-o", "json")
    again = await call("publish", "orders")
    paused = await call("pause", "orders", "-o", "json")
    resumed = await call("resume", "orders", "-o", "json")
    deleted = await call("delete", "orders")
    gone = await call("show", "orders")
    assert (msgspec.json.decode(published.stdout)["version"], again.exit_code) == (1, 0)
    assert "published already" in again.stderr
    assert msgspec.json.decode(paused.stdout)["state"] == "paused"
    assert msgspec.json.decode(resumed.stdout)["state"] == "live"
    assert (deleted.exit_code, gone.exit_code) == (0, 1)


async def test_compares_versions(call, file):
    await call("apply", "-f", file, "--publish")
    await call("apply", "-f", "-", "--publish", text=OTHER)
    compared = await call("diff", "orders", "--from", "1", "--to", "2", "-o", "json")
    assert [one["path"] for one in msgspec.json.decode(compared.stdout)] == ["spec.steps[send].with.url"]


async def test_wants_a_name_or_a_file_to_compare(call):
    assert (await call("diff")).exit_code == 2
