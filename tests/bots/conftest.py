"""The services of a hub whose runs stand still, and dialogs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_network
from uuid import UUID

import pytest

from hub.composition import Built, Services, build
from hub.config import Config
from hub.database import execute, fetch, transaction
from hub.decisions import APPROVAL
from hub.ids import new_id, show
from hub.members import Member
from hub.recipes import parse as parse_recipe
from tests.api.conftest import IdleEngine
from tests.bots.dialog import BASE, Dialog
from tests.conftest import Members

ORDERS = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: NAME, title: Orders to table}
spec:
  trigger: {uses: webhook.received}
  steps:
    - id: write
      uses: dataset.write_rows
      with: {dataset: orders, mode: insert, columns: {number: "{{ trigger.body.number }}"}}
"""


@pytest.fixture(scope="package")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("bots")
    (folder / "inbox").mkdir()
    return Config(
        data_dir=folder,
        public_url=BASE,
        allow_networks=(ip_network("127.0.0.0/8"),),
        folder_roots=(folder,),
    )


@pytest.fixture(scope="package")
async def built(database: str, config: Config) -> AsyncIterator[Built]:
    made = build(config, IdleEngine())
    yield made
    made.extraction.close()
    await made.contexts.close()


@pytest.fixture(scope="package")
def services(built: Built) -> Services:
    return built.services


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no choice out because a busy machine was slow to look it up."""
    monkeypatch.setattr("bots.drafting.questions._PATIENCE", 60.0)


@pytest.fixture
def stranger(services: Services) -> Dialog:
    """An account that is linked to nobody."""
    return Dialog(services)


@pytest.fixture(params=["telegram", "slack"])
async def ann(services: Services, members: Members, request: pytest.FixtureRequest) -> Dialog:
    """The account of an editor, on either chat service."""
    return await Dialog(services, carrier=request.param).link(members.editor)


@pytest.fixture
async def vic(services: Services, members: Members) -> Dialog:
    """The account of a viewer, who may only look."""
    return await Dialog(services).link(members.viewer)


async def publish(services: Services, member: Member, name: str = "orders") -> UUID:
    """Publish a recipe that writes what its webhook brings."""
    await services.recipes.apply(member, parse_recipe(ORDERS.replace("NAME", name)), publish=True)
    return await services.recipes.identify(member, name)


async def ask(services: Services, member: Member, kind: str = APPROVAL, approvers: Sequence[str] = ()) -> str:
    """Ask a question in a workspace, with the event that tells of it; returns its id."""
    identity = new_id()
    reference = show("apr" if kind == APPROVAL else "rev", identity)
    async with transaction():
        await execute(
            "insert into decisions (id, workspace, kind, subject, question, approvers) values ($1, $2, $3, $4, $5, $6)",
            identity, member.workspace, kind, "Invoice <17>", "Pay it?", list(approvers),
        )  # fmt: skip
        await services.outbox.publish(member.workspace, f"{kind}.asked", reference, {"subject": "Invoice <17>"})
    return reference


async def failed(services: Services, member: Member, recipe: object) -> str:
    """A run of which one item failed for good."""
    identity = new_id()
    await execute(
        "insert into runs (id, workspace, recipe, version, state, total, dead, ended_at) "
        "values ($1, $2, $3, 1, 'done', 1, 1, now())", identity, member.workspace, recipe,
    )  # fmt: skip
    shown = show("run", identity)
    await services.outbox.publish(member.workspace, "run.done", shown, {"kind": "live", "dead": 1})
    return shown


async def ended(services: Services, member: Member, recipe: UUID) -> UUID:
    """A run that has delivered the recipe's item."""
    run = new_id()
    await execute(
        "insert into runs (id, workspace, recipe, version, state, total, delivered, ended_at) "
        "values ($1, $2, $3, 1, 'done', 1, 1, now())", run, member.workspace, recipe,
    )  # fmt: skip
    rows = await fetch("update items set run = $1, state = 'delivered' where recipe = $2 returning id", run, recipe)
    await services.outbox.publish(member.workspace, "run.done", show("run", run), {"kind": "live", "delivered": 1})
    return UUID(str(rows[0]["id"]))
