"""What stores answer in XML: listings, read in a child process, and the code and sentence of a refusal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus
from xml.sax.saxutils import unescape

import msgspec

from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.files.arrivals import Found
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Response

if TYPE_CHECKING:
    from lxml import etree

_TAG = r"<{0}>([^<]{{1,500}})</{0}>"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a listing as it came: objects, the marker of the next page, and names where it lists buckets."""

    objects: list[Found] = []
    names: list[str] = []
    marker: str = ""
    more: bool = False


def read_listing(content: bytes) -> Listed:
    """Read a listing of Amazon S3 or Azure Blob Storage."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SettingsError("The store sent XML that cannot be read.") from error
    kind = etree.QName(root).localname
    if kind not in {"ListBucketResult", "ListAllMyBucketsResult", "EnumerationResults"}:
        raise SettingsError("The store sent something else than a listing. Check the address.")
    decode = unquote_plus if _text(root, "EncodingType") == "url" else str
    objects = [_object(element, decode) for element in _all(root, "Contents", "Blob")]
    names = [_text(element, "Name") for element in _all(root, "Bucket", "Container")]
    marker = _text(root, "NextMarker") or _text(root, "NextContinuationToken")
    more = bool(marker) or _text(root, "IsTruncated") == "true"
    names = [name for name in names if name]
    return Listed(objects=objects, names=names, marker=marker if more else "", more=more)


async def listing(context: Context[Any, Any], answer: Response) -> Listed:
    """Read the listing of an answer."""
    if "xml" not in answer.headers.get("Content-Type", "application/xml"):
        raise SettingsError("The store answered with something else than a listing. Check the address.")
    try:
        return await context.confined(read_listing, answer.content)
    except SettingsError as error:
        raise TemporaryError(error.message) from error


def refusal(content: bytes) -> tuple[str, str]:
    """Return the code and the sentence of an error in XML, each '' when there is none."""
    text = content[:4000].decode("utf-8", "replace")
    found = [re.search(_TAG.format(name), text) for name in ("Code", "Message")]
    code, message = (unescape(one[1]).strip() if one else "" for one in found)
    return code, message.partition("\n")[0].rstrip(".")


def refused(host: str, answer: Response, message: str) -> Exception:
    """Return the error that an answer's status stands for, with the service's sentence."""
    try:
        raise_for_status(host, answer.status, answer.headers, msgspec.json.encode({"message": message}), {})
    except ConnectorError as error:
        return error
    return SettingsError(f"{host} answered {answer.status}, which a store does not. Check the address.")


def clock(answer: Response) -> datetime | None:
    """Return what time it was at the service when it answered."""
    return http_date(answer.headers.get("Date"))


def http_date(text: str | None) -> datetime | None:
    """Read a date as HTTP headers have it."""
    try:
        return _zoned(parsedate_to_datetime(text)) if text else None
    except ValueError:
        return None


def _object(element: etree._Element, decode: Any) -> Found:
    properties = next(iter(_all(element, "Properties")), element)
    size = _text(properties, "Size") or _text(properties, "Content-Length") or "0"
    changed = _text(properties, "LastModified") or _text(properties, "Last-Modified")
    return Found(
        path=decode(_text(element, "Key")) or _name(element),
        size=int(size) if size.isdecimal() else 0,
        version=(_text(properties, "ETag") or _text(properties, "Etag")).strip('"'),
        changed=_date(changed),
    )


def _name(element: etree._Element) -> str:
    """Return a blob's name, which is escaped where XML could not hold it."""
    found = element.find("{*}Name")
    escaped = found is not None and found.get("Encoded") == "true"
    return unquote(_text(element, "Name")) if escaped else _text(element, "Name")


def _date(text: str) -> datetime | None:
    if not text[:1].isdecimal():
        return http_date(text)
    try:
        return _zoned(datetime.fromisoformat(text))
    except ValueError:
        return None


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _all(element: etree._Element, *names: str) -> list[etree._Element]:
    wanted = tuple(f"{{*}}{name}" for name in names)
    return [found for found in element.iter(*wanted) if found is not element]


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return (found.text or "") if found is not None else ""
