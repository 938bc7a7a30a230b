"""What is special about Google Cloud Storage: service accounts, generations, and names in one part of an address."""

import pytest

from connectors.sdk import CredentialsError, Secret, SettingsError
from connectors.stores._settings import Listing
from connectors.stores.gcs import Connection, access, check, hosts
from tests.connectors.store_checks import StoreChecks, Writing, ask, read
from tests.peers.google_tokens import key_file
from tests.peers.surroundings import surroundings


class TestStore(StoreChecks):
    """The checks that all stores pass, the `preview` of `write_object` among them."""


async def test_signs_in_once_for_many_requests(bucket, opened):
    for name in ("a", "b", "c"):
        await bucket.put(name)
    await read(bucket)
    assert len(opened[1].tokens.given) == 1
    assert opened[1].tokens.given[0]["scope"].endswith("devstorage.read_write")


async def test_renews_a_token_that_is_refused(bucket, opened):
    await bucket.put("a")
    await read(bucket)
    opened[1].tokens.good.clear()
    assert len((await read(bucket))[0]) == 1
    assert len(opened[1].tokens.given) == 2


async def test_the_check_lists_the_projects_buckets(bucket):
    context = bucket.context("list_objects")
    await check(bucket.connection, context)
    assert await bucket.connection.buckets(context) == ["files", "kept"]


@pytest.mark.parametrize("key", ["", "{}", '{"client_email": "a@b", "private_key": "no key"}', "[" * 10_000])
async def test_says_that_the_key_is_none(bucket, key):
    connection = Connection(key=Secret(key), address=bucket.connection.address)
    async with surroundings() as around:
        with pytest.raises(CredentialsError, match="not the key of a service account"):
            await check(connection, around.context(Listing(bucket="files"), connection))


async def test_says_that_the_account_may_not(bucket, opened):
    opened[1].tokens.check = _refuse
    with pytest.raises(CredentialsError, match="does not let this account do that"):
        await ask(bucket, "list_objects")


def _refuse(*_):
    from tests.peers.google_description import RefusalError

    raise RefusalError(403, "forbidden", "robot does not have storage.objects.list access.")


async def test_undo_brings_back_the_former_version(versioned):
    writing = Writing(versioned)
    await versioned.put("a.txt", b"former")
    receipt = await writing.write(text="new")
    assert await versioned.get("a.txt") == b"new"
    await writing.undo(receipt)
    assert await versioned.get("a.txt") == b"former"


async def test_undo_says_where_no_version_was_kept(bucket):
    await bucket.put("a.txt", b"former")
    receipt = await Writing(bucket).write(text="new")
    with pytest.raises(SettingsError, match="kept no former version"):
        await Writing(bucket).undo(receipt)


@pytest.mark.parametrize("name", ["a//b.txt", "a\nb.txt"])
async def test_takes_names_that_other_libraries_refuse(bucket, name):
    folder, _, last = f"{bucket.folder}{name}".rpartition("/")
    store = bucket.connection.store(bucket.context("list_objects"), bucket.name)
    from connectors.stores._objects import Content

    await store.put(Content(key=f"{folder}/{last}", body=b"text", media_type="text/plain"), None)
    [item], _ = await read(bucket)
    assert item.content["path"] == f"{bucket.folder}{name}"
    assert item.content["file"].content == b"text"


def test_asks_a_person_for_no_more_than_it_needs():
    connection = Connection(kind="oauth", client_id="id")
    granted = access(connection)
    assert granted is not None
    assert list(granted.scopes) == ["https://www.googleapis.com/auth/devstorage.read_write"]
    assert hosts(connection) == ["oauth2.googleapis.com", "storage.googleapis.com"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [({}, "Paste the JSON"), ({"kind": "oauth"}, "client id"), ({"key": Secret("x"), "address": "ftp://x"}, "http")],
)
def test_refuses_connections_that_cannot_work(settings, said):
    with pytest.raises(ValueError, match=said):
        Connection(**settings)


def test_a_key_file_names_its_project():
    assert Connection(key=Secret(key_file())).project_id == "project"
