"""Pages as the server sends them."""

from __future__ import annotations

from connectors.sdk import ConnectorError
from connectors.sdk.network.http import HttpClient
from connectors.sdk.pages.browser import LogIn
from hub.extraction.capturing.pages import LARGEST, PAGES, Captured, Wanted, in_its_charset
from hub.extraction.reading import ReadingError

SECONDS = 30.0
ACCEPTED = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"


async def fetch(http: HttpClient, wanted: Wanted, log_in: LogIn | None) -> Captured:
    """Ask for a page; the client guards every hop and keeps a log-in to its hosts."""
    try:
        headers = {"Accept": ACCEPTED, **(log_in.signing_headers() if log_in else {})}
        answer = await http.get(wanted.url, headers=headers, timeout=SECONDS, limit=LARGEST)
    except ConnectorError as error:
        raise ReadingError(error.message) from error
    told = answer.headers.get("Content-Type", "")
    media_type = told.partition(";")[0].strip().lower() or "application/octet-stream"
    content = in_its_charset(answer.content, told) if media_type in PAGES else answer.content
    return Captured(url=answer.url, content=content, media_type=media_type)
