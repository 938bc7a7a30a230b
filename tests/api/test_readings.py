"""Readings and captures over HTTP: read, look, correct, undo."""

from __future__ import annotations

import httpx
import pytest

from hub.composition import Services
from tests.api.conftest import session_headers
from tests.conftest import Members

ORDER = b"Order number: A-1\nTotal: 12.OO EUR\n"


@pytest.fixture
async def editor(services: Services, members: Members) -> dict[str, str]:
    headers: dict[str, str] = await session_headers(services, members.editor)
    return headers


@pytest.fixture
async def reading(client: httpx.AsyncClient, editor: dict[str, str]) -> httpx.Response:
    """A stored file, read without extracting."""
    file = {"file": ("order.txt", ORDER, "text/plain")}
    stored = await client.post("/api/v1/files", headers=editor, files=file)
    wanted = {"file": stored.json()["id"], "language": "en"}
    return await client.post("/api/v1/readings", headers=editor, json=wanted)


async def test_a_file_is_read_and_shown_again(
    client: httpx.AsyncClient, editor: dict[str, str], reading: httpx.Response
):
    again = await client.get(reading.headers["location"], headers=editor)
    assert (reading.status_code, reading.headers["etag"], reading.json()["text"]) == (201, '"1"', ORDER.decode())
    assert again.json() == reading.json()
    place = {"start": 25, "end": 30, "page": None, "box": None, "seconds": None}
    assert reading.json()["words"][4] == {"id": "w5", "text": "12.OO", "confidence": 1.0, **place}


async def test_a_correction_names_what_it_was_made_from(
    client: httpx.AsyncClient, editor: dict[str, str], reading: httpx.Response
):
    path, change = reading.headers["location"], {"changes": [{"word": "w5", "text": "12.00"}]}
    done = await client.patch(path, headers={**editor, "If-Match": '"1"'}, json=change)
    late = await client.patch(path, headers={**editor, "If-Match": '"1"'}, json=change)
    assert (done.status_code, done.headers["etag"], late.status_code) == (200, '"2"', 412)
    assert (done.json()["corrected"], "12.00 EUR" in done.json()["text"]) == (True, True)


async def test_corrections_are_undone(client: httpx.AsyncClient, editor: dict[str, str], reading: httpx.Response):
    path = reading.headers["location"]
    await client.patch(path, headers=editor, json={"changes": [{"text": "Nothing"}]})
    undone = await client.delete(f"{path}/corrections", headers=editor)
    assert (undone.status_code, undone.json()["text"]) == (200, ORDER.decode())


@pytest.mark.parametrize(
    ("changes", "path"),
    [([{"word": "w99", "text": "x"}], "changes[0]"), ([{"text": "x"}, {"text": "y"}], "changes[1]")],
)
async def test_a_change_that_cannot_be_made_is_named(
    client: httpx.AsyncClient, editor: dict[str, str], reading: httpx.Response, changes: object, path: str
):
    answer = await client.patch(reading.headers["location"], headers=editor, json={"changes": changes})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_a_way_of_reading_that_makes_no_sense_is_named(client: httpx.AsyncClient, editor: dict[str, str]):
    file = {"file": ("order.txt", ORDER, "text/plain")}
    stored = (await client.post("/api/v1/files", headers=editor, files=file)).json()["id"]
    answer = await client.post("/api/v1/readings", headers=editor, json={"file": stored, "pages": [2, 1]})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "pages")


async def test_pages_from_inside_are_told_one_by_one(client: httpx.AsyncClient, editor: dict[str, str]):
    urls = ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/"]
    answer = await client.post("/api/v1/captures", headers=editor, json={"urls": urls})
    listed = await client.get("/api/v1/captures", headers=editor)
    assert answer.status_code == 200
    assert [(one["url"], one["file"]) for one in answer.json()["items"]] == [(url, None) for url in urls]
    assert all("is not on the public internet" in one["problem"] for one in answer.json()["items"])
    assert listed.json()["items"] == []


async def test_an_address_that_is_none_is_refused(client: httpx.AsyncClient, editor: dict[str, str]):
    answer = await client.post("/api/v1/captures", headers=editor, json={"urls": ["file:///etc/passwd"]})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "url")
