import msgspec
import pytest
import yaml

from tests.recipes.texts import recipe

BASE = "/api/v1/recipes"
SEND = "- {id: send, uses: http.send, with: {url: 'https://a.example/', json: 1}}"
GOOD = recipe(SEND)
OTHER = recipe(SEND.replace("a.example", "b.example"))
BROKEN = recipe("- {id: send, uses: http.send, with: {urll: 'https://a.example/'}}")
MISSHAPEN = GOOD.replace("id: send", "id: 5")


@pytest.fixture
async def client(opened, member):
    async with opened(member) as found:
        yield found


async def test_creates_from_yaml_and_shows_by_id_and_name(client):
    made = await client.post(f"{BASE}/", content=GOOD)
    shown = await client.get(f"{BASE}/orders")
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == f"/api/v1/recipes/{made.json()['id']}"
    assert shown.json() == made.json()


async def test_takes_json_as_well(client):
    plain = yaml.safe_load(GOOD)
    assert (await client.post(f"{BASE}/", json=plain)).status_code == 201


async def test_refuses_what_is_wrong_with_path_and_sentence_and_stores_nothing(client):
    refused = await client.post(f"{BASE}/", content=BROKEN)
    listed = await client.get(f"{BASE}/")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["errors"] == [
        {"path": "spec.steps[0].with.urll", "message": "There is no setting 'urll'. Did you mean 'url'?"},
        {"path": "spec.steps[0].with.url", "message": "This is missing."},
    ]
    assert listed.json()["items"] == []


async def test_refuses_a_document_of_the_wrong_shape_even_as_a_draft(client):
    refused = await client.post(f"{BASE}/?draft=true", content=MISSHAPEN)
    assert refused.json()["errors"] == [{"path": "spec.steps[0].id", "message": "Expected a text, got a whole number."}]


async def test_keeps_a_draft_with_problems_when_asked_to(client):
    made = await client.post(f"{BASE}/?draft=true", content=BROKEN)
    refused = await client.post(f"{BASE}/orders/publish")
    assert [one["path"] for one in made.json()["problems"]] == ["spec.steps[0].with.urll", "spec.steps[0].with.url"]
    assert (refused.status_code, refused.json()["errors"]) == (422, made.json()["problems"])


async def test_saves_only_onto_the_revision_that_was_seen(client):
    await client.post(f"{BASE}/", content=GOOD)
    saved = await client.put(f"{BASE}/orders", content=OTHER, headers={"if-match": '"1"'})
    stale = await client.put(f"{BASE}/orders", content=GOOD, headers={"if-match": '"1"'})
    assert (saved.status_code, saved.headers["etag"], stale.status_code) == (200, '"2"', 412)


async def test_publishes_pauses_resumes_and_deletes(client):
    await client.post(f"{BASE}/", content=GOOD)
    published = await client.post(f"{BASE}/orders/publish", json={"note": "go"})
    paused = await client.post(f"{BASE}/orders/pause")
    resumed = await client.post(f"{BASE}/orders/resume")
    deleted = await client.delete(f"{BASE}/orders")
    assert (published.status_code, published.json()["version"], published.json()["fresh"]) == (200, 1, True)
    assert (paused.json()["state"], resumed.json()["state"]) == ("paused", "live")
    assert (deleted.status_code, (await client.get(f"{BASE}/orders")).status_code) == (204, 404)


async def test_applies_a_file_once(client):
    told = await client.post(f"{BASE}/apply?dry_run=true", content=GOOD)
    first = await client.post(f"{BASE}/apply?publish=true", content=GOOD)
    again = await client.post(f"{BASE}/apply?publish=true", content=GOOD)
    assert [answer.json()["change"] for answer in (told, first, again)] == ["created", "created", "unchanged"]
    assert [answer.json()["published"] for answer in (told, first, again)] == [False, True, False]


async def test_compares_restores_and_exports_versions(client):
    await client.post(f"{BASE}/apply?publish=true", content=GOOD)
    await client.post(f"{BASE}/apply?publish=true", content=OTHER)
    compared = await client.get(f"{BASE}/orders/compare?from=1&to=2")
    restored = await client.post(f"{BASE}/orders/versions/1/restore")
    exported = await client.get(f"{BASE}/orders/export?version=2")
    listed = await client.get(f"{BASE}/orders/versions")
    assert [one["path"] for one in compared.json()["items"]] == ["spec.steps[send].with.url"]
    assert restored.json()["changed"] is True
    assert exported.headers["content-type"].startswith("application/yaml")
    assert "https://b.example/" in exported.text
    assert [one["number"] for one in listed.json()["items"]] == [2, 1]


async def test_shows_one_version_with_its_document(client):
    await client.post(f"{BASE}/apply?publish=true", content=GOOD)
    shown = await client.get(f"{BASE}/orders/versions/1")
    missing = await client.get(f"{BASE}/orders/versions/2")
    assert shown.json()["document"]["metadata"]["name"] == "orders"
    assert missing.status_code == 404


async def test_checks_a_document_without_storing_it(client):
    good = await client.post(f"{BASE}/validate", content=GOOD)
    bad = await client.post(f"{BASE}/validate", content=BROKEN)
    assert (good.json(), bad.json()["valid"]) == ({"valid": True, "problems": []}, False)


async def test_clones_and_gives_a_new_address(client):
    made = await client.post(f"{BASE}/", content=GOOD)
    copy = await client.post(f"{BASE}/orders/clone", json={"name": "copy"})
    turned = await client.post(f"{BASE}/orders/hook")
    urls = {answer.json()["hook_url"] for answer in (made, copy, turned)}
    assert (copy.status_code, len(urls)) == (201, 3)


async def test_serves_the_schema_to_anyone(client):
    schema = (await client.get("/api/v1/recipe-schema.json")).json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert msgspec.json.encode(schema)


async def test_lets_viewers_look_only(opened, members):
    async with opened(members.editor) as editor, opened(members.viewer) as viewer:
        await editor.post(f"{BASE}/", content=GOOD)
        answers = [
            await viewer.get(f"{BASE}/orders"),
            await viewer.put(f"{BASE}/orders", content=OTHER),
            await viewer.post(f"{BASE}/apply", content=OTHER),
            await viewer.delete(f"{BASE}/orders"),
        ]
    assert [answer.status_code for answer in answers] == [200, 403, 403, 403]
