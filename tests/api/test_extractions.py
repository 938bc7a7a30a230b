"""Files, schemas and extractions over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.composition import Services
from tests.api.conftest import session_headers
from tests.conftest import Members

SAMPLE = Path(__file__).parents[2] / "hub" / "demo" / "samples" / "invoice-timber-en.pdf"
OWN = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: meter}\nspec: {fields: {meter_number: string}}\n"


@pytest.fixture
async def editor(services: Services, members: Members) -> dict[str, str]:
    headers: dict[str, str] = await session_headers(services, members.editor)
    return headers


async def post(client: httpx.AsyncClient, path: str, headers: dict[str, str], **sent: Any) -> httpx.Response:
    return await client.post(f"/api/v1{path}", headers=headers, **sent)


async def test_an_uploaded_file_is_extracted_by_its_id(client: httpx.AsyncClient, editor: dict[str, str]):
    file = {"file": (SAMPLE.name, SAMPLE.read_bytes(), "application/pdf")}
    stored = await post(client, "/files", editor, files=file)
    made = await post(client, "/extractions", editor, json={"file": stored.json()["id"], "schema": "invoice"})
    again = await client.get(made.headers["location"], headers=editor)
    assert (stored.status_code, made.status_code, again.status_code) == (201, 201, 200)
    assert made.json()["record"]["total"] == 1011.6
    assert again.json() == made.json()
    assert made.json()["fields"]["total"]["evidence"][0]["page"] == 1


async def test_a_file_is_extracted_as_it_is_sent(client: httpx.AsyncClient, editor: dict[str, str]):
    file = {"file": (SAMPLE.name, SAMPLE.read_bytes(), "application/pdf")}
    made = await post(client, "/extractions", editor, files=file, data={"schema": "invoice", "engine": "local"})
    listed = await client.get("/api/v1/extractions", headers=editor)
    assert made.json()["record"]["number"] == "HT-20417"
    assert [one["id"] for one in listed.json()["items"]] == [made.json()["id"]]


async def test_a_download_is_saved_and_never_run(client: httpx.AsyncClient, editor: dict[str, str]):
    page = b"<script>alert(1)</script>"
    stored = await post(client, "/files", editor, files={"file": ('a"/../b.html', page, "text/html")})
    answer = await client.get(f"/api/v1/files/{stored.json()['id']}/content", headers=editor)
    assert answer.content == page
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "/" not in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"schema": "invoice"}, "file"),
        ({"schema": "invoice", "file": "fil_x", "text": "y"}, "file"),
        ({"text": "y"}, "schema"),
        ({"schema": "invoice", "text": "y", "engine": "magic"}, "engine"),
        ({"schema": "invoice", "text": "y", "engine": "llm"}, "engine"),
        ({"schema": "invoice", "text": "y", "color": "red"}, "color"),
    ],
)
async def test_what_cannot_be_extracted_is_refused_by_field(
    client: httpx.AsyncClient, editor: dict[str, str], body: dict[str, str], path: str
):
    answer = await post(client, "/extractions", editor, json=body)
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"schema": "nope", "text": "y"}, 404), ({"schema": "invoice", "file": "fil_" + "0" * 26}, 404)],
)
async def test_what_is_not_there_is_not_found(
    client: httpx.AsyncClient, editor: dict[str, str], body: dict[str, str], status: int
):
    assert (await post(client, "/extractions", editor, json=body)).status_code == status


async def test_a_broken_document_is_a_refusal_with_the_reason(client: httpx.AsyncClient, editor: dict[str, str]):
    file = {"file": ("a.pdf", b"%PDF-1.7 nothing", "application/pdf")}
    answer = await post(client, "/extractions", editor, files=file, data={"schema": "invoice"})
    assert answer.status_code == 422
    assert "PDF" in answer.json()["detail"]


async def test_a_schema_is_stored_versioned_and_exported(client: httpx.AsyncClient, editor: dict[str, str]):
    made = await post(client, "/schemas", editor, content=OWN)
    where = made.headers["location"]
    changed = OWN.replace("string", "integer")
    stale = await client.put(where, headers={**editor, "If-Match": '"9"'}, content=changed)
    saved = await client.put(where, headers={**editor, "If-Match": made.headers["etag"]}, content=changed)
    versions = await client.get(f"{where}/versions", headers=editor)
    exported = await client.get(f"{where}/export", headers=editor)
    described = await client.get(f"{where}/json-schema", headers=editor)
    assert (made.status_code, stale.status_code, saved.json()["version"]) == (201, 412, 2)
    assert [one["number"] for one in versions.json()["items"]] == [2, 1]
    assert "type: integer" in exported.text
    assert described.json()["properties"]["meter_number"]["type"] == ["integer", "null"]


async def test_a_schema_with_mistakes_is_refused_with_each_of_them(client: httpx.AsyncClient, editor: dict[str, str]):
    wrong = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: m}\nspec: {fields: {a: moneyy, b: {minn: 1}}}\n"
    answer = await post(client, "/schemas", editor, content=wrong)
    assert answer.status_code == 422
    assert [problem["path"] for problem in answer.json()["errors"]] == ["spec.fields.a.type", "spec.fields.b.minn"]


async def test_starters_are_listed_first(client: httpx.AsyncClient, editor: dict[str, str]):
    listed = (await client.get("/api/v1/schemas", headers=editor)).json()["items"]
    assert [one["name"] for one in listed] == ["article", "contract", "cv", "invoice", "purchase_order", "receipt"]
    assert (await client.get("/api/v1/schemas/invoice", headers=editor)).json()["starter"] is True


@pytest.mark.parametrize("files", [[], 3, "fil_x"])
async def test_a_field_that_is_called_like_a_service_is_refused_like_any_other(
    client: httpx.AsyncClient, editor: dict[str, str], files: object
):
    answer = await post(client, "/batches", editor, json={"schema": "invoice", "files": files})
    assert answer.status_code == 400
    assert [problem["path"] for problem in answer.json()["errors"]] == ["files"]


async def test_a_batch_is_taken_and_watched(client: httpx.AsyncClient, editor: dict[str, str]):
    stored = await post(client, "/files", editor, files={"file": (SAMPLE.name, SAMPLE.read_bytes())})
    asked = {"schema": "invoice", "files": [stored.json()["id"]], "settings": {"engine": "local"}}
    taken = await post(client, "/batches", editor, json=asked)
    shown = await client.get(taken.headers["location"], headers=editor)
    files = await client.get(f"{taken.headers['location']}/files", headers=editor)
    assert (taken.status_code, shown.json()["waiting"], shown.json()["settings"]["engine"]) == (202, 1, "local")
    assert files.json()["items"][0]["name"] == SAMPLE.name


async def test_a_template_brings_schema_settings_and_tags(client: httpx.AsyncClient, editor: dict[str, str]):
    said = {"name": "meters", "schema": "receipt", "settings": {"engine": "local"}, "tags": ["may"]}
    await post(client, "/extraction-templates", editor, json=said)
    made = await post(client, "/extractions", editor, json={"template": "meters", "text": "Total 4.00", "tags": ["x"]})
    listed = await client.get("/api/v1/extractions", headers=editor, params={"tag": "x"})
    (one,) = listed.json()["items"]
    assert (made.json()["schema"]["name"], one["engine"], one["tags"]) == ("receipt", "local", ["may", "x"])


async def test_previews_repeats_and_csv(client: httpx.AsyncClient, editor: dict[str, str]):
    sent = {"schema": "invoice", "preview": "true", "settings": '{"reading": {"language": "en"}}'}
    made = await post(client, "/extractions", editor, files={"file": (SAMPLE.name, SAMPLE.read_bytes())}, data=sent)
    place = made.headers["location"]
    hidden = await client.get("/api/v1/extractions", headers=editor)
    saved = await client.post(f"{place}/save", headers=editor)
    again = await client.post(f"{place}/repeat", headers=editor, json={"settings": {"engine": "local"}})
    pair = {"first": made.json()["id"], "second": again.json()["id"]}
    compared = await client.get("/api/v1/extractions/compare", headers=editor, params=pair)
    content = await client.get("/api/v1/extractions/export.csv", headers=editor, params={"schema": "invoice"})
    assert hidden.json()["items"] == []
    assert (saved.status_code, again.status_code, compared.json()["items"]) == (200, 201, [])
    assert content.headers["content-type"].startswith("text/csv")
    assert len(content.text.splitlines()) == 3
