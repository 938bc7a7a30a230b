"""A stand-in of Amazon's notification service: signs messages by a certificate that its own authority issued."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from connectors.sdk import WebhookRequest

TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
# As Amazon documents what is signed: these names, sorted, those that are there
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class NotificationService:
    """Where it listens, what it was asked, and how it signs."""

    def __init__(self) -> None:
        self.base = ""
        self.asked: list[str] = []
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _issued(self.key)

    async def answer(self, request: web.Request) -> web.Response:
        """Give out the certificate, and confirm subscriptions."""
        self.asked.append(request.path_qs)
        if request.path == "/cert.pem":
            return web.Response(body=self.certificate)
        return web.Response(text="<ConfirmSubscriptionResponse/>", content_type="text/xml")

    def call(self, message: str, **changed: Any) -> WebhookRequest:
        """Post a notification; what is `changed` is changed before signing."""
        return self.post({"Type": "Notification", "Message": message, "Subject": "ALARM", **changed})

    def confirmation(self, **changed: Any) -> WebhookRequest:
        """Ask the subscriber to confirm."""
        told = {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe.", "Token": "t0ken"}
        place = f"{self.base}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0ken"
        return self.post({**told, "SubscribeURL": place, **changed})

    def post(self, told: dict[str, Any], **unsigned: Any) -> WebhookRequest:
        """Sign a message and post it; what is `unsigned` is changed afterwards."""
        message = {
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "TopicArn": TOPIC,
            "Timestamp": "2026-11-20T10:00:01.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": f"{self.base}/cert.pem",
            **told,
        }
        names = _SIGNED[message["Type"]]
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        body = msgspec.json.encode({**message, "Signature": base64.b64encode(signature).decode(), **unsigned})
        headers = {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": message["Type"]}
        return WebhookRequest(body=body, headers=headers, query={})


def _issued(key: rsa.RSAPrivateKey) -> bytes:
    authority = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of our own")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(authority, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@asynccontextmanager
async def notification_peer() -> AsyncIterator[NotificationService]:
    """Run it on a free port of loopback."""
    peer = NotificationService()
    runner = web.ServerRunner(web.Server(peer.answer), access_log=None, shutdown_timeout=0.1)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
