"""Inbound calls: who sent them, what is in them, and whether they came before."""

import base64
import hashlib
import hmac
import time
from typing import Any

import msgspec
import pytest

from connectors.sdk import Attachment, CredentialsError, Item, SettingsError, WebhookRequest, fill
from connectors.webhook import Received, received
from connectors.webhook.signatures import Connection

SECRET = "correct horse battery staple"
KEY = base64.b64encode(b"a standard key of twenty-four by").decode()
BODY = b'{"id": 17, "data": {"id": "evt_1", "total": 118.0}}'
JSON = {"content-type": "application/json"}


def call(body: bytes = BODY, headers: dict[str, str] | None = None) -> WebhookRequest:
    return WebhookRequest(body=body, headers={**JSON, **(headers or {})}, query={})


def receive(request: WebhookRequest, connection: Connection | None = None, **settings: str) -> list[Item]:
    found: list[Item] = received.function(request, fill(Received, settings), connection)
    return found


def connection(scheme: str, secret: str = SECRET, **more: Any) -> Connection:
    return fill(Connection, {"scheme": scheme, "secret": secret, **more})


def digest(signed: bytes, key: bytes = SECRET.encode(), algorithm: str = "sha256") -> bytes:
    return hmac.new(key, signed, algorithm).digest()


def signed_headers(scheme: str, body: bytes = BODY, age: float = 0) -> dict[str, str]:
    """Sign a body in each way, as the senders' documentation says."""
    moment = str(int(time.time() - age))
    standard = base64.b64encode(digest(f"msg_1.{moment}.".encode() + body, base64.b64decode(KEY))).decode()
    basic = base64.b64encode(f"sender:{SECRET}".encode()).decode()
    return {
        "standard": {"webhook-id": "msg_1", "webhook-timestamp": moment, "webhook-signature": f"v1a,xx v1,{standard}"},
        "github": {"x-hub-signature-256": f"sha256={digest(body).hex()}"},
        "stripe": {"stripe-signature": f"t={moment},v1=00,v1={digest(f'{moment}.'.encode() + body).hex()},v0=11"},
        "slack": {
            "x-slack-request-timestamp": moment,
            "x-slack-signature": f"v0={digest(f'v0:{moment}:'.encode() + body).hex()}",
        },
        "shopify": {"x-shopify-hmac-sha256": base64.b64encode(digest(body)).decode()},
        "calendly": {
            "calendly-webhook-signature": f"t={moment},v1={digest(f'{moment}.'.encode() + body).hex()}",
        },
        "typeform": {"typeform-signature": f"sha256={base64.b64encode(digest(body)).decode()}"},
        "hmac": {"x-signature": f"sha1={digest(body, algorithm='sha1').hex()}"},
        "token": {"x-gitlab-token": SECRET},
        "basic": {"authorization": f"Basic {basic}"},
    }[scheme]


CONNECTIONS = {
    "standard": connection("standard", f"whsec_{KEY}"),
    "github": connection("github"),
    "stripe": connection("stripe"),
    "slack": connection("slack"),
    "shopify": connection("shopify"),
    "calendly": connection("calendly"),
    "typeform": connection("typeform"),
    "hmac": connection("hmac", header="X-Signature", algorithm="sha1", prefix="sha1="),
    "token": connection("token", header="X-Gitlab-Token"),
    "basic": connection("basic", username="sender"),
}
ON_BODY = ["standard", "github", "stripe", "slack", "shopify", "calendly", "typeform", "hmac"]
WITH_TIME = ["standard", "stripe", "slack", "calendly"]


@pytest.mark.parametrize("scheme", CONNECTIONS)
def test_received_takes_a_call_signed_in_each_way(scheme):
    assert len(receive(call(headers=signed_headers(scheme)), CONNECTIONS[scheme])) == 1


@pytest.mark.parametrize("scheme", CONNECTIONS)
def test_received_refuses_a_call_that_is_not_signed(scheme):
    with pytest.raises(CredentialsError):
        receive(call(), CONNECTIONS[scheme])


@pytest.mark.parametrize("scheme", CONNECTIONS)
def test_received_refuses_another_secret(scheme):
    other = msgspec.structs.replace(CONNECTIONS[scheme], secret=connection("token", "b3RoZXI=").secret)
    with pytest.raises(CredentialsError) as refused:
        receive(call(headers=signed_headers(scheme)), other)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("scheme", ON_BODY)
def test_received_refuses_a_changed_body(scheme):
    with pytest.raises(CredentialsError):
        receive(call(BODY.replace(b"118", b"119"), signed_headers(scheme)), CONNECTIONS[scheme])


@pytest.mark.parametrize("scheme", ON_BODY)
def test_received_verifies_the_bytes_and_not_their_meaning(scheme):
    with pytest.raises(CredentialsError):
        receive(call(BODY.replace(b": ", b":"), signed_headers(scheme)), CONNECTIONS[scheme])


@pytest.mark.parametrize("age", [301, -301])
@pytest.mark.parametrize("scheme", WITH_TIME)
def test_received_refuses_a_time_too_far_from_now(scheme, age, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_795_000_000.9)
    with pytest.raises(CredentialsError, match="clock"):
        receive(call(headers=signed_headers(scheme, age=age)), CONNECTIONS[scheme])


@pytest.mark.parametrize("scheme", CONNECTIONS)
def test_received_takes_both_secrets_while_one_is_replaced(scheme):
    kept = CONNECTIONS[scheme]
    both = msgspec.structs.replace(kept, secret=connection("token", f"b3RoZXI=\n{kept.secret.reveal()}").secret)
    assert len(receive(call(headers=signed_headers(scheme)), both)) == 1


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        ("github", {"x-hub-signature-256": "sha256="}),
        ("github", {"x-hub-signature-256": "ünïcode"}),
        ("stripe", {"stripe-signature": "t=,v1=aa"}),
        ("stripe", {"stripe-signature": "t=99999999999999999999,v1=aa"}),
        ("slack", {"x-slack-request-timestamp": "now", "x-slack-signature": "v0=aa"}),
        ("basic", {"authorization": "Basic %%%"}),
        ("basic", {"authorization": "Bearer x"}),
        ("standard", {"webhook-signature": "v1,", "webhook-timestamp": str(int(time.time()))}),
    ],
)
def test_received_refuses_broken_signatures(scheme, headers):
    with pytest.raises(CredentialsError):
        receive(call(headers=headers), CONNECTIONS[scheme])


def test_received_refuses_a_connection_that_cannot_verify():
    with pytest.raises(CredentialsError, match="another kind"):
        received.function(call(), fill(Received, {}), Received())


@pytest.mark.parametrize("scheme", ["token", "basic"])
def test_received_keeps_credentials_out_of_items(scheme):
    item = receive(call(headers={**signed_headers(scheme), "cookie": "session=1"}), CONNECTIONS[scheme])[0]
    assert set(item.content["headers"]) == {"content-type"}


@pytest.mark.parametrize(
    "values", [{"scheme": "github", "secret": " "}, {"scheme": "hmac", "secret": "x"}, {"scheme": "md5", "secret": "x"}]
)
def test_received_refuses_connections_that_prove_nothing(values):
    with pytest.raises(msgspec.ValidationError):
        fill(Connection, values)


@pytest.mark.parametrize(
    ("kind", "body", "read"),
    [
        ("application/json", b'{"a": [1, null]}', {"a": [1, None]}),
        ("application/cloudevents+json; charset=utf-8", b"7", 7),
        ("application/json", b"", None),
        ("", b'{"a": 1}', {"a": 1}),
        ("application/x-www-form-urlencoded", b"a=1&b=x+y&b=%C3%A9&c=", {"a": "1", "b": ["x y", "é"], "c": ""}),
        ("text/plain", "grüezi".encode(), "grüezi"),
        ("text/plain", b"\xfc", "ü"),
        ("application/xml", b"<a/>", "<a/>"),
        ("", b"", ""),
        ("application/pdf", b"%PDF", Attachment(name="body", media_type="application/pdf", content=b"%PDF")),
    ],
)
def test_received_reads_a_body_by_what_it_says_it_is(kind, body, read):
    assert receive(call(body, {"content-type": kind}))[0].content["body"] == read


def test_received_reads_forms_with_files():
    content = bytes(range(256)) + b"\r\n--not the end\r\n"
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="../a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--xyz--\r\n"
    )
    read = receive(call(body, {"content-type": "multipart/form-data; boundary=xyz"}))[0].content["body"]
    assert read == {
        "note": "hello",
        "file": Attachment(name="../a.bin", media_type="application/octet-stream", content=content),
    }


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"a": '),
        ("application/json", b"\xff\xfe"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a": "\\u0000"}'),
        ("application/x-www-form-urlencoded", b"a=1&" * 2000),
        ("application/x-www-form-urlencoded", b"\xff"),
        ("multipart/form-data", b"no boundary"),
        ("application/json", b"[" + b"1," * 1000 + b"1]"),
    ],
)
def test_received_refuses_bodies_that_cannot_be_kept(kind, body):
    with pytest.raises(SettingsError):
        receive(call(body, {"content-type": kind}))


def test_received_keeps_text_that_only_looks_like_a_nul():
    assert receive(call(b'{"a": "\\\\u0000"}'))[0].content["body"] == {"a": "\\u0000"}


def test_received_makes_an_item_of_each_element():
    items = receive(call(b"[" + b"1," * 999 + b"1]", {"idempotency-key": "k"}))
    assert len(items) == 1000
    assert [items[0].key, items[999].key] == ["k:0", "k:999"]


@pytest.mark.parametrize("name", ["webhook-id", "idempotency-key"])
def test_received_recognises_a_repeat_by_its_header(name):
    assert receive(call(headers={name: "abc"}))[0].key == "abc"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({}, None),
        ({"dedupe": "none"}, None),
        ({"dedupe": "field", "field": "data.id"}, "evt_1"),
        ({"dedupe": "field", "field": "id"}, "17"),
        ({"dedupe": "field", "field": "data.missing"}, None),
        ({"dedupe": "content"}, hashlib.sha256(b'{"data":{"id":"evt_1","total":118.0},"id":17}').hexdigest()),
    ],
)
def test_received_recognises_a_repeat_by_choice(settings, key):
    assert receive(call(), **settings)[0].key == key


def test_received_keeps_long_keys_short():
    assert len(str(receive(call(headers={"webhook-id": "x" * 5000}))[0].key)) == 64


def test_received_needs_the_field_that_tells_repeats():
    with pytest.raises(msgspec.ValidationError, match="such as"):
        fill(Received, {"dedupe": "field"})


@pytest.mark.parametrize(
    ("kind", "body", "read"),
    [
        ("application/x-www-form-urlencoded", b'{"total": 5}', {"total": 5}),
        ("text/plain", b'{"total": 5}', {"total": 5}),
        ("text/plain", b"[2026-03-04] the door opened", "[2026-03-04] the door opened"),
        ("", b"{not json", "{not json"),
        ("application/x-www-form-urlencoded", b"{=1", {"{": "1"}),
    ],
)
def test_received_reads_what_only_looks_like_json_as_its_type_says(kind, body, read):
    (item,) = receive(WebhookRequest(body=body, headers={"content-type": kind}, query={}))
    assert item.content["body"] == read
