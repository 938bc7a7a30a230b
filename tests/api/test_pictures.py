"""Pictures to choose on: for whoever asked, for a while, in memory and nowhere else."""

from __future__ import annotations

import httpx
import pytest

from connectors.sdk.pages.browser import Picture, PicturedPart
from hub.composition import Services
from hub.database import fetch
from hub.members import Member
from tests.api.conftest import session_headers
from tests.conftest import Members

SHOWN = Picture(
    image=b"\xff\xd8\xff jpeg",
    width=1280,
    height=700,
    parts=[PicturedPart(value="h1", text="News", box=(1, 2, 30, 40)), PicturedPart(value="p", text="Far", box=None)],
)


async def seen(client: httpx.AsyncClient, services: Services, member: Member, address: str) -> httpx.Response:
    return await client.get(address, headers=await session_headers(services, member))


async def test_a_picture_is_seen_by_whoever_asked_for_it_alone(client, services, members: Members):
    kept = services.pictures.keep(members.editor, SHOWN)
    answers = [
        await seen(client, services, one, kept.address) for one in (members.editor, members.owner, members.outsider)
    ]
    assert [one.status_code for one in answers] == [200, 404, 404]
    assert answers[0].content == SHOWN.image
    headers = {name: answers[0].headers[name] for name in ("content-type", "cache-control", "x-content-type-options")}
    assert headers == {
        "content-type": "image/jpeg",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    assert [(part.number, part.value, part.box) for part in kept.parts] == [(1, "h1", (1, 2, 30, 40)), (2, "p", None)]
    assert "Ask for it again" in answers[1].text


async def test_a_member_keeps_few_pictures_and_no_files(client, services, members: Members):
    other = services.pictures.keep(members.owner, SHOWN)
    kept = [services.pictures.keep(members.editor, SHOWN) for _ in range(6)]
    statuses = [(await seen(client, services, members.editor, one.address)).status_code for one in kept]
    assert statuses == [404, 200, 200, 200, 200, 200]
    assert (await seen(client, services, members.owner, other.address)).status_code == 200
    assert await fetch("select id from files where workspace = $1", members.editor.workspace) == []


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"uses": "web.read", "field": "url"}, 404, "web.read has no picture for 'url'"),
        ({"uses": "web.read", "field": "selector"}, 422, "Choose Address first"),
        ({"uses": "set", "field": "fields"}, 404, "set has no picture"),
        ({"uses": "web.read", "field": "selector", "settings": {"url": "file:///etc/passwd"}}, 422, "http"),
        ({"uses": "web.read", "field": "selector", "settings": {"url": "http://127.0.0.1:8/"}}, 422, "127.0.0.1"),
    ],
)
async def test_what_cannot_be_pictured_says_why(client, services, members: Members, asked, status, said):
    headers = await session_headers(services, members.editor)
    answer = await client.post("/api/v1/choices/picture", json=asked, headers=headers)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
