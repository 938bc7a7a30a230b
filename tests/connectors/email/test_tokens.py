"""Signing in with tokens instead of passwords, at a real Dovecot and Postfix (XOAUTH2)."""

import pytest
from msgspec.structs import replace

from connectors.email import check, connector, hosts, message_received, send
from connectors.email.connection import Connection
from connectors.email.inbox import Mailbox
from connectors.sdk import CredentialsError, Record, Secret, fill
from connectors.sdk.mail.letter import Letter
from tests.connectors.email.conftest import eventually, letter
from tests.connectors.recordings import given

CLIENT = {"user": "ann@example.com", "client_id": "client", "client_secret": "s3cret"}


@pytest.fixture
def granted(connection):
    return replace(
        connection,
        kind="oauth",
        password=Secret(""),
        client_id="client",
        authorize_url="https://login.example.com/authorize",
        token_url="https://login.example.com/token",
    )


async def test_reads_and_sends_with_a_token(mail, address, around, granted):
    mail.tokens["granted-token"] = address
    mail.put(address, [letter("by token").as_bytes()])
    [item] = [one async for one in message_received(around.context(Mailbox(), granted), None)]
    letter_out = fill(Letter, {"to": address, "subject": "sent by token"})
    await send(around.context(letter_out, granted), Record(key="k3y"))

    async def received():
        return [one for one in mail.received(address) if one["Subject"] == "sent by token"]

    assert len(await eventually(received)) == 1
    assert item.title == "by token"


async def test_renews_a_token_that_is_refused_once(mail, address, around, granted):
    mail.tokens.clear()
    mail.tokens["renewed-token"] = address
    await check(granted, around.context(Mailbox(), granted))


async def test_asks_to_connect_again_when_no_token_is_good(mail, around, granted):
    mail.tokens.clear()
    with pytest.raises(CredentialsError, match="does not accept the sign-in") as refused:
        await check(granted, around.context(Mailbox(), granted))
    assert "token" not in refused.value.message


@pytest.mark.parametrize(
    ("kind", "reads_at", "token_url", "scope"),
    [
        ("google", "imap.gmail.com", "https://oauth2.googleapis.com/token", "https://mail.google.com/"),
        (
            "microsoft",
            "outlook.office365.com",
            "https://login.microsoftonline.com/example.com/oauth2/v2.0/token",
            "https://outlook.office.com/SMTP.Send",
        ),
    ],
)
def test_knows_where_google_and_microsoft_are(kind, reads_at, token_url, scope):
    connection = fill(Connection, {**CLIENT, "kind": kind, "tenant": "example.com"})
    oauth = given(connector.oauth_reader)(connection)
    assert hosts(connection)[0] == reads_at
    assert (oauth.token_url, scope in oauth.scopes) == (token_url, True)


def test_needs_no_grant_with_a_password(connection):
    assert given(connector.oauth_reader)(connection) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "google", "client_id": ""}, "client id"),
        ({"kind": "microsoft", "tenant": "a/b"}, "directory"),
        ({"kind": "oauth", "imap_host": "imap.example.com"}, "whole sign-in address"),
    ],
)
def test_refuses_grants_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {**CLIENT, **wrong})
