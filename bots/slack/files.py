"""Files at Slack: fetched with the bot's token from Slack's own hosts, and handed over in the other direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from bots.asked import Incoming
from bots.replies import Attachment
from bots.slack.calling import SlackRefusedError, call
from bots.slack.payloads import SlackFile
from connectors.sdk import ConnectorError
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool
from hub.errors import TooLargeError, UnavailableError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

HOSTS = ("slack.com", "*.slack.com", "*.slack-edge.com")
SECONDS = 120.0
LOST = (
    "Slack did not hand out the file. Invite me to the channel it is in (/invite @Patchdeck), "
    "or upload it in Patchdeck."
)


class SlackFiles:
    """The files that one bot may see; whatever goes over its transport reaches Slack's hosts only."""

    def __init__(self, client: AsyncWebClient, guard: Guard, api_url: str | None, largest_mb: int) -> None:
        host = urlsplit(api_url).hostname if api_url else None
        self._client = client
        self._pool = HttpPool(guard)
        self._largest_mb = largest_mb
        self.http = HttpClient(self._pool, hosts=[*HOSTS, *([host, f"*.{host}"] if host else [])])

    async def close(self) -> None:
        """Close kept connections."""
        await self._pool.close()

    def incoming(self, file: SlackFile) -> Incoming:
        """Return a file that is fetched when it is wanted."""

        async def load() -> bytes:
            return await self._load(file)

        return Incoming(name=file.name or file.id, media_type=file.mimetype, size=file.size, load=load)

    async def send(self, channel: str, thread: str, files: Sequence[Attachment]) -> None:
        """Hand files over into a channel or a thread."""
        for file in files:
            place = await call(self._client.files_getUploadURLExternal, filename=file.name, length=len(file.content))
            await self.http.post(str(place["upload_url"]), content=file.content, timeout=SECONDS)
            where = {"channel_id": channel} | ({"thread_ts": thread} if thread else {})
            given = [{"id": place["file_id"], "title": file.name}]
            await call(self._client.files_completeUploadExternal, files=given, **where)

    async def _found(self, identity: str) -> SlackFile:
        try:
            described = await call(self._client.files_info, file=identity)
        except SlackRefusedError as error:
            raise UnavailableError(LOST) from error
        held = {name: value for name, value in described.get("file", {}).items() if value is not None}
        return msgspec.convert(held, SlackFile)

    async def _load(self, file: SlackFile) -> bytes:
        _check(file.size, self._largest_mb)
        if not file.url_private or file.file_access == "check_file_info":
            file = await self._found(file.id)
            _check(file.size, self._largest_mb)
        limit = self._largest_mb * 1024 * 1024
        headers = {"Authorization": f"Bearer {self._client.token}"}
        try:
            answer = await self.http.get(file.url_private, headers=headers, timeout=SECONDS, limit=limit)
        except ConnectorError as error:
            raise UnavailableError(LOST) from error
        # Whoever may not see a file is shown a page to sign in.
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if kind == "text/html" and file.mimetype != "text/html":
            raise UnavailableError(LOST)
        return answer.content


def _check(size: int, most_mb: int) -> None:
    if size > most_mb * 1024 * 1024:
        raise TooLargeError(f"The file has {size / 1024 / 1024:.0f} MB; {most_mb} MB are taken at most.")
