"""Messages of Amazon's notification service: who may have signed them, and whether they are what was signed."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec

from connectors.sdk import CredentialsError, SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

_HOST = re.compile(r"sns\.[a-z0-9-]{2,30}\.amazonaws\.com(\.cn)?")
# On the same hosts, the service's own API answers with texts that anybody may have put there
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_UNSIGNED = "The call is not signed by Amazon's notification service."


class Message(msgspec.Struct, kw_only=True):
    """A message as it is posted to a subscriber."""

    Type: str
    MessageId: str
    TopicArn: str
    Timestamp: str
    Message: str
    Signature: str
    SignatureVersion: str
    SigningCertURL: str
    Subject: str | None = None
    SubscribeURL: str | None = None
    Token: str | None = None


def require_place(url: str, stand_in: str) -> None:
    """Raise unless an address is one of the service's own, or of the stand-in that the settings name."""
    parts = urlsplit(url)
    if stand_in:
        proven = url.startswith(f"{stand_in.rstrip('/')}/")
    else:
        proven = parts.scheme == "https" and bool(_HOST.fullmatch(parts.netloc.lower()))
    if not proven:
        raise CredentialsError(_UNSIGNED)


def require_certificate_place(url: str, stand_in: str) -> None:
    """Raise unless an address is one at which the service keeps its certificates, and nothing else."""
    require_place(url, stand_in)
    parts = urlsplit(url)
    if not stand_in and not (_CERTIFICATE.fullmatch(parts.path) and not parts.query and not parts.fragment):
        raise CredentialsError(_UNSIGNED)


def require_signature(message: Message, certificate: bytes) -> None:
    """Raise unless the certificate's key has signed the message, in version 1 or 2 of the way to do that."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        signature = base64.b64decode(message.Signature, validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise CredentialsError(_UNSIGNED)
        key.verify(signature, _signed(message), padding.PKCS1v15(), _algorithm(message))
    except (ValueError, binascii.Error, InvalidSignature) as error:
        raise CredentialsError(_UNSIGNED) from error


def require_subscription(message: Message) -> str:
    """Return the address that confirms a subscription to the very topic that the message names."""
    asked = parse_qs(urlsplit(message.SubscribeURL or "").query)
    if asked.get("TopicArn") != [message.TopicArn] or asked.get("Action") != ["ConfirmSubscription"]:
        raise SettingsError("The confirmation is for another topic than the message.")
    return message.SubscribeURL or ""


def _algorithm(message: Message) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    found = {"1": hashes.SHA1(), "2": hashes.SHA256()}.get(message.SignatureVersion)  # noqa: S303  # version 1 says so
    if found is None:
        raise CredentialsError(_UNSIGNED)
    return found


def _signed(message: Message) -> bytes:
    names = _NOTIFICATION if message.Type == "Notification" else _CONFIRMATION
    pairs = ((name, getattr(message, name)) for name in names)
    return "".join(f"{name}\n{value}\n" for name, value in pairs if value is not None).encode()
