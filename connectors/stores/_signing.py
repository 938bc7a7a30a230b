"""Signatures of Amazon S3: version 4, in headers for requests and in the query for links.

Written after "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import msgspec

from connectors.sdk import Secret

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs, and for which region."""

    access_key: str
    secret_key: Secret
    session_token: Secret | None = None
    region: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of which host: the path as it goes over the wire, and the query decoded."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = {}


def signed_headers(
    keys: Keys, question: Question, headers: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, str]:
    """Return the headers with what proves that they, the question and the body are ours."""
    digest = hashlib.sha256(body).hexdigest()
    sent = {**headers, "x-amz-date": _moment(now), "x-amz-content-sha256": digest}
    if keys.session_token:
        sent["x-amz-security-token"] = keys.session_token.reveal()
    names = {name.lower(): value for name, value in sent.items()} | {"host": question.host}
    signature = _signature(keys, _canonical(question, names, digest), now)
    credential = f"{keys.access_key}/{_scope(keys, now)}"
    listed = ";".join(sorted(names))
    sent["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={listed}, Signature={signature}"
    return sent


def signed_query(keys: Keys, question: Question, seconds: int, now: datetime) -> dict[str, str]:
    """Return the query that lets whoever has it ask this question for so many seconds."""
    query = {
        **question.query,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{keys.access_key}/{_scope(keys, now)}",
        "X-Amz-Date": _moment(now),
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.session_token:
        query["X-Amz-Security-Token"] = keys.session_token.reveal()
    asked = msgspec.structs.replace(question, query=query)
    query["X-Amz-Signature"] = _signature(keys, _canonical(asked, {"host": question.host}, UNSIGNED), now)
    return query


def encoded(query: Mapping[str, str]) -> str:
    """Write a query as the signature sees it: sorted, with everything escaped but letters, digits and -._~."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _canonical(question: Question, headers: Mapping[str, str], digest: str) -> str:
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)]
    return "\n".join(
        [question.method, question.path, encoded(question.query), *lines, "", ";".join(sorted(headers)), digest]
    )


def _signature(keys: Keys, canonical: str, now: datetime) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, _moment(now), _scope(keys, now), digest])
    key = f"AWS4{keys.secret_key.reveal()}".encode()
    for part in (f"{now:%Y%m%d}", keys.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _scope(keys: Keys, now: datetime) -> str:
    return f"{now:%Y%m%d}/{keys.region}/s3/aws4_request"


def _moment(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%SZ}"
