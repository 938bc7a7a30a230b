"""What is special about Azure Blob Storage: shared keys, tokens with some rights, and names that XML cannot hold."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.sdk import CredentialsError, Secret, SettingsError, TemporaryError
from connectors.stores._answers import read_listing
from connectors.stores._azure import Account
from connectors.stores._objects import Content
from connectors.stores._settings import Listing
from connectors.stores.azure_blob import Connection, check, hosts
from tests.connectors.store_checks import StoreChecks, Writing, ask, read
from tests.peers.surroundings import surroundings
from tests.peers.web import Answer, web_peer

KEY = Secret("a2V5a2V5a2V5a2V5")


class TestStore(StoreChecks):
    """The checks that all stores pass, the `preview` of `write_object` among them."""


def with_token(bucket, rights="rl", minutes=5):
    """Return a connection with a token for the container, as Azure's portal makes them (service SAS)."""
    good = bucket.connection
    account = Account(name=good.account, address=good.root, key=good.key)
    ends = f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    version, place = "2021-12-02", f"/blob/{good.account}/{bucket.name}"
    text = "\n".join([rights, "", ends, place, "", "", "", version, "c", *[""] * 7])
    signature = httpx.QueryParams({"sig": account.signature(text)})
    token = f"?sp={rights}&se={ends}&sv={version}&sr=c&{signature}"
    return Connection(account=good.account, kind="sas", sas=Secret(token), address=good.address)


async def test_reads_with_a_token_and_says_what_it_does_not_allow(bucket):
    path = await bucket.put("a b+.txt", b"hello")
    connection = with_token(bucket)
    context = bucket.around.context(Listing(bucket=bucket.name), connection)
    store = connection.store(context, bucket.name)
    assert await store.read(path) == b"hello"
    assert [one.path for one in (await store.page(bucket.folder)).objects] == [path]
    with pytest.raises(CredentialsError, match="does not let this token do that"):
        await store.put(Content(key="x", body=b"x", media_type="text/plain"), None)
    with pytest.raises(SettingsError, match="account's key"):
        await store.link(path, 60)


async def test_says_that_a_token_has_ended(bucket):
    connection = with_token(bucket, minutes=-5)
    context = bucket.around.context(Listing(bucket=bucket.name), connection)
    with pytest.raises(CredentialsError, match="does not accept the key or token"):
        await connection.store(context, bucket.name).page("")


async def test_a_link_lets_anybody_read_for_a_while(bucket):
    path = await bucket.put("a b+ł.txt", b"hello")
    made = await ask(bucket, "make_link", path=path, minutes=5)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(made["url"])).text == "hello"
        assert (await client.get(made["url"].replace("sig=", "sig=0"))).status_code == 403
        assert (await client.get(made["url"].replace("a%20b", "b"))).status_code == 403


async def test_the_check_says_that_the_key_is_wrong(bucket):
    await check(bucket.connection, bucket.context("list_objects"))
    wrong = Connection(account=bucket.connection.account, key=KEY, address=bucket.connection.address)
    with pytest.raises(CredentialsError, match="does not accept the key"):
        await check(wrong, bucket.around.context(Listing(bucket="files"), wrong))


async def test_undo_leaves_what_was_written_over(bucket):
    await bucket.put("a.txt", b"former")
    receipt = await Writing(bucket).write(text="new")
    with pytest.raises(SettingsError, match="cannot be put back from here"):
        await Writing(bucket).undo(receipt)
    assert await bucket.get("a.txt") == b"new"


async def test_takes_names_that_other_libraries_refuse(bucket):
    store = bucket.connection.store(bucket.context("list_objects"), bucket.name)
    path = f"{bucket.folder}a//b.txt"
    await store.put(Content(key=path, body=b"text", media_type="text/plain"), None)
    [item], _ = await read(bucket)
    assert (item.content["path"], item.content["file"].content) == (path, b"text")


def test_reads_names_that_xml_cannot_hold():
    listed = read_listing(
        b"<EnumerationResults><Blobs><Blob><Name Encoded='true'>a%EF%BF%BEb%2Bc</Name><Properties><Etag>0x1</Etag>"
        b"<Content-Length>5</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>"
    )
    assert [(one.path, one.size, one.version) for one in listed.objects] == [("a\ufffeb+c", 5, "0x1")]


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.7"])
async def test_goes_nowhere_inside(host):
    connection = Connection(account="files", key=KEY, address=f"http://{host}/metadata")
    async with surroundings() as around:
        with pytest.raises(SettingsError, match="not on the public internet"):
            await check(connection, around.context(Listing(bucket="files"), connection))


async def test_says_what_the_service_means():
    async with web_peer() as peer, surroundings() as around:
        connection = Connection(account="files", key=KEY, address=peer.base)
        peer.always(Answer(status=503, text="<Error><Code>ServerBusy</Code><Message>Busy.\nTime:1</Message></Error>"))
        with pytest.raises(TemporaryError, match=r"503 Service Unavailable: Busy\."):
            await check(connection, around.context(Listing(bucket="files"), connection))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"account": "files.blob.core.windows.net", "key": KEY}, "small letters"),
        ({"account": "files", "key": Secret("no base64!")}, "account key"),
        ({"account": "files"}, "account key"),
        ({"account": "files", "kind": "sas", "sas": Secret("sv=1")}, "SAS token"),
    ],
)
def test_refuses_connections_that_cannot_work(settings, said):
    with pytest.raises(ValueError, match=said):
        Connection(**settings)


def test_reaches_only_its_own_account():
    assert hosts(Connection(account="files", key=KEY)) == ["files.blob.core.windows.net"]
