"""The connection of Google's services: who signs in, for what, and what each refusal asks of whom."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

from connectors.google._calls import ask
from connectors.google._connection import SERVICES, Connection, access_to, hosts
from connectors.google._drive_files import DRIVE
from connectors.sdk import CredentialsError, NoSettings, Secret, SettingsError, TemporaryError, fill
from connectors.sdk.registry import registry
from tests.peers.google_tokens import ACCOUNT, key_file

SCOPE = "https://www.googleapis.com/auth/"


class About(msgspec.Struct):
    user: Any


@pytest.fixture
def account(peer):
    return Connection(kind="service_account", key=Secret(key_file()), address=peer.address)


@pytest.fixture
def asking(drive, around, connection):
    async def ask_it(held: Connection = connection) -> About:
        return await ask(around.context(NoSettings(), held), DRIVE, "about.get", About, fields="user")

    return ask_it


def scopes(name, **settings):
    oauth = access_to(SERVICES[name])(Connection(client_id="client", **settings))
    assert oauth is not None
    return [scope.removeprefix(SCOPE) for scope in oauth.scopes]


@pytest.mark.parametrize(
    ("name", "settings", "asked"),
    [
        ("google_drive", {"access": "read"}, ["drive.readonly"]),
        ("google_drive", {}, ["drive"]),
        ("google_sheets", {"access": "read"}, ["spreadsheets.readonly", "drive.metadata.readonly"]),
        ("google_sheets", {}, ["spreadsheets", "drive.file", "drive.metadata.readonly"]),
        ("gmail", {"access": "read"}, ["gmail.readonly"]),
        ("google_drive", {"also": ("gmail",), "access": "read"}, ["drive.readonly", "gmail.readonly"]),
    ],
)
def test_asks_for_no_more_than_the_services_need(name, settings, asked):
    assert scopes(name, **settings) == asked


def test_gives_a_reason_for_every_permission():
    given = [reason for one in SERVICES.values() for reason in (*one.reading.values(), *one.writing.values())]
    assert [reason for reason in given if not reason.endswith(".")] == []


def test_asks_for_access_that_outlives_the_visit():
    oauth = access_to(DRIVE)(Connection(client_id="client", client_secret=Secret("s3cret")))
    assert oauth is not None
    assert oauth.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    assert oauth.token_url == "https://oauth2.googleapis.com/token"
    assert oauth.parameters == {"access_type": "offline", "prompt": "consent"}


def test_reaches_google_and_nobody_else():
    reached = hosts(Connection(client_id="client"))
    assert [host for host in reached if not host.endswith(".googleapis.com")] == []
    assert hosts(Connection(client_id="client", address="http://stand.in:8080")) == ["stand.in"]


def test_serves_a_family():
    family = [connector for connector in registry().values() if connector.family == "google"]
    assert {"google_drive", "google_sheets"} <= {connector.name for connector in family}
    assert [connector.name for connector in family if "1. " not in connector.setup or not connector.tried] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({}, "Give the client id"), ({"client_id": "client", "address": "ftp://x"}, "Begin the address")],
)
def test_refuses_settings_that_cannot_work(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        fill(Connection, settings)


async def test_renews_a_token_that_is_refused_once(asking, peer):
    peer.tokens.revoke("granted-token")
    assert (await asking()).user["emailAddress"] == "ada@example.com"
    peer.tokens.revoke("renewed-token")
    with pytest.raises(CredentialsError, match="no longer accepts"):
        await asking()


async def test_signs_as_a_service_account_for_one_service_only(asking, peer, account):
    await asyncio.gather(*(asking(account) for _ in range(5)))
    assert [given["scope"] for given in peer.tokens.given] == [f"{SCOPE}drive"]
    await asking(msgspec.structs.replace(account, act_as="ada@example.com"))
    assert len(peer.tokens.given) == 2


async def test_asks_for_another_token_when_one_runs_out(asking, peer, account):
    peer.tokens.lasts = 100
    await asking(account)
    await asking(account)
    assert len(peer.tokens.given) == 2


@pytest.mark.parametrize(
    "key",
    ["", "no key", "{}", "[" * 10_000, '{"client_email": "a", "private_key": "none"}', key_file().replace("BEGIN", "")],
    ids=["empty", "text", "other", "deep", "no key in it", "broken"],
)
async def test_says_that_a_key_is_none(asking, account, key):
    with pytest.raises(CredentialsError, match="not the key of a service account") as failed:
        await asking(msgspec.structs.replace(account, key=Secret(key)))
    assert "private" not in failed.value.message


async def test_says_who_must_allow_a_service_account_to_act_for_people(asking, peer, account):
    peer.tokens.delegates = False
    with pytest.raises(CredentialsError, match="An administrator of the domain must allow"):
        await asking(msgspec.structs.replace(account, act_as="ada@example.com"))


async def test_says_that_a_key_was_withdrawn(asking, peer, account):
    stranger = key_file().replace(ACCOUNT, "stranger@project.iam.gserviceaccount.com")
    with pytest.raises(CredentialsError, match="refuses the service account's key"):
        await asking(msgspec.structs.replace(account, key=Secret(stranger)))


@pytest.mark.parametrize(
    ("says", "kind"),
    [((500, "{}"), TemporaryError), ((200, "<html>"), TemporaryError), ((429, ""), TemporaryError)],
)
async def test_tells_a_token_service_in_trouble_from_a_bad_key(asking, peer, account, says, kind):
    peer.tokens.says = says
    with pytest.raises(kind):
        await asking(account)


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        ("403 rate", TemporaryError, "is asked too often"),
        ("403 scope", CredentialsError, "Check what it may do"),
        ("403 turned off", SettingsError, "Turn on the API of Google Drive in your Google Cloud project"),
        ("403 not shared", SettingsError, "Share it with the account"),
        ("403 full", SettingsError, "has no room left"),
        ("403", CredentialsError, "connect again"),
        ("503", TemporaryError, "answered 503"),
    ],
)
async def test_tells_refusals_of_one_status_apart(asking, peer, fault, kind, sentence):
    peer.fault = fault
    with pytest.raises(kind, match=sentence):
        await asking()


async def test_googles_own_client_works_with_the_peer(peer, drive, sheets):
    """What the peer says is what Google's library understands: signing in anew, uploads, exports, batches, refusals."""
    peer.tokens.refreshes["refresh"] = [f"{SCOPE}drive", f"{SCOPE}spreadsheets"]
    book = sheets.put("Books", [["Number"]])
    await asyncio.to_thread(
        _converse, peer.address, book, drive.put("Doc", b"text", "application/vnd.google-apps.document")
    )
    assert sheets.tab(book).texts() == [["Number"], ["INV-1"]]
    assert [len(file.contents[-1]) for file in drive.files.values() if file.name == "large.bin"] == [600_000]


def _service(address: str, name: str) -> Any:
    document = msgspec.json.decode(Path(DISCOVERY_DOC_DIR, f"{name}.json").read_bytes())
    document |= {"rootUrl": f"{address}/", "baseUrl": f"{address}/{document['servicePath']}"}
    document.pop("mtlsRootUrl", None)
    held = Credentials(None, refresh_token="refresh", token_uri=f"{address}/token", client_id="c", client_secret="s")
    return build_from_document(document, credentials=held)


def _converse(address: str, book: str, document: str) -> None:
    with _service(address, "drive.v3") as drive, _service(address, "sheets.v4") as sheets:
        media = MediaInMemoryUpload(b"x" * 600_000, "application/octet-stream", chunksize=262_144, resumable=True)
        body = {"name": "large.bin", "parents": ["root"]}
        made = drive.files().create(body=body, media_body=media, fields="id,size").execute()
        assert made["size"] == "600000"
        assert drive.files().export(fileId=document, mimeType="text/plain").execute() == b"text as text/plain"
        start = drive.changes().getStartPageToken().execute()["startPageToken"]
        assert drive.changes().list(pageToken=start).execute()["newStartPageToken"] == start
        rows = [{"values": [{"userEnteredValue": {"stringValue": "INV-1"}}]}]
        tab = sheets.spreadsheets().get(spreadsheetId=book).execute()["sheets"][0]["properties"]["sheetId"]
        added = {"appendCells": {"sheetId": tab, "rows": rows, "fields": "userEnteredValue"}}
        sheets.spreadsheets().batchUpdate(spreadsheetId=book, body={"requests": [added]}).execute()
        values = sheets.spreadsheets().values().get(spreadsheetId=book, range="'Invoices'!2:9").execute()
        assert values["values"] == [["INV-1"]]
        with pytest.raises(HttpError, match="File not found"):
            drive.files().get(fileId="nothing").execute()
