"""The demo's simulated services, over real HTTP, and the recipes that carry what happens there."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from hub.demo.services import documents, seed_services
from hub.demo.simulated import create
from hub.demo.simulated.store import Store
from hub.ids import parse
from tests.runs.hub import Published

TOKEN = "of-the-demo"


@pytest.fixture
async def address(tmp_path) -> AsyncIterator[str]:
    config = uvicorn.Config(
        create(Store(tmp_path / "services.json"), TOKEN), host="127.0.0.1", port=0, log_level="error"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
async def services(address) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture
async def seeded(hub, member, address) -> dict[str, Published]:
    await seed_services(hub.services, member, address, TOKEN)
    await seed_services(hub.services, member, address, TOKEN)
    names = [document["metadata"]["name"] for document in documents(address)]
    views = [await hub.services.recipes.show(member, name) for name in names]
    return {view.name: Published(parse("rcp", view.id), view.name, None, member) for view in views}


async def test_an_unhappy_answer_opens_one_ticket(hub, services, seeded):
    recipe = seeded["unhappy-answers"]
    items = await hub.ended(recipe, 2)
    assert sorted(item.item.state for item in items) == ["delivered", "filtered"]
    await services.post("/api/answers", json={"contact": "Bruno Keller", "score": 2, "comment": "Broken <b>again</b>"})
    await hub.hurry(recipe)
    await hub.ended(recipe, 3)
    tickets = (await services.get("/api/tickets")).json()["data"]
    assert [one["subject"] for one in tickets] == [
        "Invoice sent twice", "Chiara Conti gave 3 of 10", "Bruno Keller gave 2 of 10",
    ]  # fmt: skip


async def test_contacts_are_kept_in_step_with_the_table(hub, member, services, seeded):
    inward, outward = seeded["contacts-from-crm"], seeded["contacts-to-crm"]
    await hub.ended(inward, 3)
    await services.patch("/api/contacts/101", json={"company": "Nordlicht Group"})
    await hub.hurry(inward)
    await hub.ended(inward, 4)
    rows = {row["id"]: row for row in await hub.rows(member, "contacts")}
    assert (len(rows), rows["101"]["company"]) == (3, "Nordlicht Group")
    await hub.hurry(outward)
    (echo,) = await hub.ended(outward, 1)
    assert (echo.item.state, echo.item.reason_kind) == ("filtered", "in_step")


async def test_a_repeat_under_the_same_key_gives_the_same_record(services):
    answers = [
        await services.post("/api/tickets", json={"subject": "Once"}, headers={"Idempotency-Key": "k"}) for _ in "12"
    ]
    assert answers[0].json() == answers[1].json()
    assert len((await services.get("/api/tickets")).json()["data"]) == 2


@pytest.mark.parametrize(("body", "said"), [
    ({"score": 11}, "0 to 10"), ({"score": "9"}, "whole number"), ({"rating": 1}, "no field"), ([1], "no field"),
    ({"comment": "x" * 2001}, "2,000 letters"),
])  # fmt: skip
async def test_refuses_what_is_no_record(services, body, said):
    answer = await services.post("/api/answers", json=body)
    assert (answer.status_code, said in answer.json()["error"]) == (422, True)


async def test_opens_the_api_to_its_token_only(address):
    async with httpx.AsyncClient(base_url=address, timeout=60) as stranger:
        answers = [await stranger.get("/api/contacts"), await stranger.post("/api/contacts", json={"name": "x"})]
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("kind", ["contacts", "tickets", "answers"])
async def test_every_page_says_that_it_is_simulated(services, kind):
    await services.post(f"/api/{kind}", json={"contact": "<script>alert(1)</script>"} if kind != "contacts" else {})
    page = await services.get(f"/{kind}")
    assert "This service is simulated for the demo." in page.text
    assert "<script>" not in page.text


async def test_takes_what_is_typed_into_a_page_but_not_from_another_site(services):
    typed = {"contact": "Dora", "score": "1", "comment": "Bad"}
    assert (await services.post("/answers", data=typed, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 404
    assert (await services.post("/answers", data=typed)).status_code == 303
    assert (await services.get("/api/answers")).json()["data"][-1]["score"] == 1


def test_remembers_over_a_restart(tmp_path):
    Store(tmp_path / "services.json").add("tickets", {"subject": "Kept"}, "key")
    again = Store(tmp_path / "services.json")
    assert again.list("tickets")[-1]["subject"] == "Kept"
    assert again.add("tickets", {"subject": "Kept"}, "key")["id"] == again.list("tickets")[-1]["id"]
