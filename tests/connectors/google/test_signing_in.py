"""A person signs in at Google once, and every service of the family that they agreed to works in the hub."""

from ipaddress import IPv4Network

import pytest

from hub.composition import build
from hub.config import Config
from hub.connections import Returned
from hub.errors import InvalidError
from hub.ids import parse
from hub.recipes.choices import Wanted
from temporal.engine import TemporalEngine
from tests.peers.google_bigquery import BigQuery

SESSION = "the session of a browser"
SCOPE = "https://www.googleapis.com/auth/"


@pytest.fixture
async def services(database, tmp_path, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    built = build(Config(data_dir=tmp_path, allow_networks=(IPv4Network("127.0.0.0/8"),)), TemporalEngine())
    yield built.services
    built.extraction.close()
    await built.contexts.close()


@pytest.fixture
def sign_in(services, member, peer):
    """Add a connection, send the person to Google, and bring them back."""

    async def connect(name, connector, **settings):
        given = {"client_id": "client", "client_secret": "s3cret", "address": peer.address, **settings}
        identity = parse("con", (await services.connections.add(member, name, connector, given)).id)
        address = await services.grants.begin(member, identity, SESSION)
        await services.grants.complete(member, SESSION, Returned(**peer.tokens.agree(address)))
        return identity

    return connect


async def test_one_connection_serves_the_family(services, member, sign_in, sheets, peer):
    book = sheets.put("Books", [["Number", "Total"]])
    identity = await sign_in("google", "google_drive", also=["google_sheets"])
    tested = await services.connections.test(member, identity)
    assert tested.state == "ok"
    assert {*tested.access.scopes} == {
        f"{SCOPE}{name}" for name in ("drive", "drive.file", "drive.metadata.readonly", "spreadsheets")
    }
    uses = "google_sheets.write_rows"
    found = await services.offers.list(member, Wanted(uses=uses, field="spreadsheet", connection="google"))
    assert [choice.value for choice in found.choices] == [book]
    settings = {"spreadsheet": book, "tab": "Invoices"}
    found = await services.offers.list(member, Wanted(uses=uses, field="key", connection="google", settings=settings))
    assert [choice.value for choice in found.choices] == ["Number", "Total"]


async def test_says_that_a_service_was_not_agreed_to(services, member, sign_in, peer):
    BigQuery(peer).close()
    await sign_in("google", "google_drive")
    wanted = Wanted(uses="bigquery.query", field="project", connection="google")
    with pytest.raises(InvalidError, match="Check what it may do and what it is also used for"):
        await services.offers.list(member, wanted)


async def test_says_what_is_no_spreadsheet(services, member, sign_in):
    await sign_in("google", "google_sheets")
    wanted = Wanted(uses="google_sheets.write_rows", field="tab", connection="google", settings={"spreadsheet": "a b"})
    with pytest.raises(InvalidError, match="Paste the link"):
        await services.offers.list(member, wanted)
