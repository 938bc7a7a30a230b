"""Pictures of pages over REST."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image

from hub.composition import Services
from hub.errors import NotFoundError
from hub.extraction.readers import Options
from hub.members import Member
from tests.api.conftest import session_headers
from tests.conftest import Members
from tests.reading.pdfs import greeting, pdf
from tests.reading.scans import drawn, encoded


async def _stored(services: Services, member: Member, content: bytes, name: str = "letter.pdf") -> str:
    return (await services.files.store(member, name, "application/octet-stream", content)).id


async def test_shows_a_page_in_the_width_asked_for(
    client: httpx.AsyncClient, services: Services, members: Members
) -> None:
    file = await _stored(services, members.editor, pdf(greeting, pages=2))
    headers = await session_headers(services, members.viewer)
    answer = await client.get(f"/api/v1/files/{file}/pages/2.png", params={"width": 640}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert {"Cookie", "Authorization"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.content)).size == (640, 905)


async def test_turns_a_page_as_the_reading_was_told(
    client: httpx.AsyncClient, services: Services, members: Members
) -> None:
    file = await _stored(services, members.editor, pdf(greeting))
    headers = await session_headers(services, members.viewer)
    answer = await client.get(f"/api/v1/files/{file}/pages/1.png", params={"width": 640, "rotate": 90}, headers=headers)
    assert Image.open(io.BytesIO(answer.content)).size == (640, 453)


@pytest.mark.parametrize(
    ("content", "page", "detail"),
    [
        (pdf(greeting), "2.png", "The file has 1 page; there is no page 2 that can be shown."),
        (pdf(greeting), "0.png", "A page is called by its number and .png: 1.png is the first."),
        (pdf(greeting), "one", "A page is called by its number and .png: 1.png is the first."),
        (b"a text", "1.png", "This file has no pages: it is a text, a table or a recording."),
    ],
)
async def test_says_which_pages_there_are(
    client: httpx.AsyncClient, services: Services, members: Members, content: bytes, page: str, detail: str
) -> None:
    file = await _stored(services, members.editor, content)
    headers = await session_headers(services, members.viewer)
    answer = await client.get(f"/api/v1/files/{file}/pages/{page}", headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


@pytest.mark.parametrize(
    "query", [{"width": 10}, {"width": 100_000}, {"width": "wide"}, {"rotate": 45}, {"ocr": "yes"}]
)
async def test_refuses_what_it_cannot_draw(
    client: httpx.AsyncClient, services: Services, members: Members, query: dict[str, str]
) -> None:
    file = await _stored(services, members.editor, pdf(greeting))
    headers = await session_headers(services, members.viewer)
    answer = await client.get(f"/api/v1/files/{file}/pages/1.png", params=query, headers=headers)
    assert answer.status_code in {400, 422}


async def test_says_why_a_page_cannot_be_shown(client: httpx.AsyncClient, services: Services, members: Members) -> None:
    file = await _stored(services, members.editor, pdf(greeting, password="secret"))
    headers = await session_headers(services, members.viewer)
    answer = await client.get(f"/api/v1/files/{file}/pages/1.png", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The page cannot be shown: The PDF is encrypted.")


async def test_counts_pages(services: Services, members: Members) -> None:
    locked = await _stored(services, members.editor, pdf(greeting, pages=3, password="secret"))
    image = await _stored(services, members.editor, encoded(drawn(pdf(greeting, pages=2)), "TIFF"))
    assert await services.pages.count(members.viewer, locked, Options(password="secret")) == 3
    assert await services.pages.count(members.viewer, image) == 2


async def test_shows_nothing_of_another_workspace(services: Services, members: Members) -> None:
    file = await _stored(services, members.editor, pdf(greeting))
    with pytest.raises(NotFoundError):
        await services.pages.picture(members.outsider, file, 1)
