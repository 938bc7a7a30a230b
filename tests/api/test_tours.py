"""The first-run tour over REST: kept for each member, tried on a file, published as an ordinary recipe."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from hub.composition import Services
from hub.database import execute
from hub.extraction import Extraction
from hub.ids import new_id, parse, show
from hub.members import Member
from hub.tours import TourChange
from tests.api.conftest import session_headers
from tests.conftest import Members

TOUR = "/api/v1/tour"


@pytest.fixture
async def headers(services: Services, member: Member) -> dict[str, str]:
    return dict(await session_headers(services, member))


async def test_makes_a_recipe_of_the_choices_and_gives_it_the_file_that_was_tried(
    client: httpx.AsyncClient, services: Services, member: Member, headers: dict[str, str]
) -> None:
    await client.patch(TOUR, json={"step": 4, "table": "bills", "review": True}, headers=headers)
    await client.post(f"{TOUR}/sample", headers=headers)
    tried = (await client.post(f"{TOUR}/try", headers=headers)).json()
    again = (await client.post(f"{TOUR}/try", headers=headers)).json()
    done = (await client.post(f"{TOUR}/publish", headers=headers)).json()
    recipe = (await client.get(f"/api/v1/recipes/{done['recipe']}", headers=headers)).json()
    item = (await client.get(f"/api/v1/items/{done['item']}", headers=headers)).json()
    assert (tried["record"]["number"], again["id"]) == ("HT-20417", tried["id"])
    assert (done["step"], done["ended"], recipe["state"], recipe["problems"]) == (5, True, "live", [])
    assert [step["uses"] for step in recipe["document"]["spec"]["steps"]] == ["extract", "review", "dataset.write_rows"]
    assert item["content"]["file"]["name"] == "invoice-timber-en.pdf"


async def test_keeps_where_each_member_stopped(client: httpx.AsyncClient, services: Services, members: Members) -> None:
    first, second = await session_headers(services, members.owner), await session_headers(services, members.editor)
    await client.patch(TOUR, json={"step": 3, "source": "folder"}, headers=first)
    mine, other = await client.get(TOUR, headers=first), await client.get(TOUR, headers=second)
    assert (mine.json()["step"], other.json()["step"]) == (3, 1)
    restarted = await client.post(f"{TOUR}/restart", headers=first)
    assert (restarted.json()["step"], restarted.json()["source"]) == (1, "manual")


async def test_publishes_again_into_the_same_recipe(
    client: httpx.AsyncClient, services: Services, headers: dict[str, str]
) -> None:
    await client.post(f"{TOUR}/sample", headers=headers)
    first = (await client.post(f"{TOUR}/publish", headers=headers)).json()
    await client.patch(TOUR, json={"table": "others"}, headers=headers)
    second = (await client.post(f"{TOUR}/publish", headers=headers)).json()
    assert (first["recipe"], first["item"] != second["item"]) == (second["recipe"], True)


async def test_choices_made_at_once_are_all_kept(services: Services, member: Member) -> None:
    changes = [TourChange(step=4), TourChange(table="bills"), TourChange(review=True), TourChange(place="out")]
    for _ in range(10):
        await services.tours.restart(member)
        await asyncio.gather(*(services.tours.change(member, one) for one in changes))
        state = await services.tours.show(member)
        assert (state.step, state.table, state.review, state.place) == (4, "bills", True, "out")


async def test_what_is_chosen_while_the_file_is_read_stays_chosen(
    services: Services, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = services.extractions.extract_file

    async def choosing(*asked: Any) -> Extraction:
        made = await extract(*asked)
        await services.tours.change(member, TourChange(table="bills"))
        return made

    monkeypatch.setattr(services.extractions, "extract_file", choosing)
    await services.tours.take_sample(member)
    made = await services.tours.try_out(member)
    state = await services.tours.show(member)
    assert (state.table, state.extraction) == ("bills", made.id)


async def test_publishing_twice_at_once_makes_one_recipe(services: Services, member: Member) -> None:
    await services.tours.take_sample(member)
    first, second = await asyncio.gather(services.tours.publish(member), services.tours.publish(member))
    (recipe,) = (await services.recipes.list(member)).items
    assert {first.recipe, second.recipe} == {recipe.id}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({}, "file"),
        ({"source": "folder"}, "directory"),
        ({"source": "email", "connection": "nobody"}, "connection"),
        ({"target": "spreadsheet"}, "place"),
    ],
)
async def test_names_what_is_missing_before_it_publishes(
    client: httpx.AsyncClient, headers: dict[str, str], change: dict[str, str], path: str
) -> None:
    await client.patch(TOUR, json=change, headers=headers)
    refused = await client.post(f"{TOUR}/publish", headers=headers)
    assert (refused.status_code, path in [one["path"] for one in refused.json()["errors"]]) == (422, True)


@pytest.mark.parametrize("change", [{"step": 6}, {"source": "pigeon"}, {"recipe": "rcp_1"}, {"table": "x" * 501}])
async def test_refuses_choices_that_there_are_not(
    client: httpx.AsyncClient, headers: dict[str, str], change: dict[str, object]
) -> None:
    assert (await client.patch(TOUR, json=change, headers=headers)).status_code in {400, 422}


async def test_a_name_that_breaks_out_stays_a_name(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await client.patch(TOUR, json={"table": "{{ secrets }} {% raw %}'; --"}, headers=headers)
    await client.post(f"{TOUR}/sample", headers=headers)
    done = await client.post(f"{TOUR}/publish", headers=headers)
    assert done.status_code in {200, 422}


async def test_tells_who_uses_a_connection_and_what_failed_over_it(
    client: httpx.AsyncClient, services: Services, member: Member, headers: dict[str, str]
) -> None:
    settings = {"host": "127.0.0.1", "port": 1, "database": "b", "user": "u", "password": "p"}
    made = await client.post(
        "/api/v1/connections", json={"name": "Ledger", "connector": "postgres", "settings": settings}, headers=headers
    )
    step = {"id": "ask", "uses": "postgres.query", "connection": "Ledger", "with": {"sql": "select 1"}}
    recipe = await client.post("/api/v1/recipes/apply?publish=true", json=_recipe("live", step), headers=headers)
    await client.post("/api/v1/recipes", json=_recipe("drafted", step), headers=headers)
    uses = f"/api/v1/connections/{made.json()['id']}/uses"
    before = (await client.get(uses, headers=headers)).json()
    dead = new_id()
    await execute(_DEAD, dead, member.workspace, parse("rcp", recipe.json()["recipe"]["id"]))
    after = (await client.get(uses, headers=headers)).json()
    assert [(one["name"], one["live"], one["steps"]) for one in before["uses"]] == [
        ("drafted", False, ["ask"]),
        ("live", True, ["ask"]),
    ]
    assert before["failure"] is None
    assert (after["failure"]["item"], after["failure"]["kind"]) == (show("itm", dead), "CredentialsError")


def _recipe(name: str, step: Mapping[str, object]) -> dict[str, object]:
    spec = {"trigger": {"uses": "webhook.received"}, "steps": [step]}
    return {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": name}, "spec": spec}


_DEAD = """
insert into items (id, workspace, recipe, version, state, step, reason, reason_kind, content, ended_at)
values ($1, $2, $3, 1, 'dead', 'ask', 'The password was refused.', 'CredentialsError', '{}', now())"""
