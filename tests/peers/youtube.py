"""YouTube's state for the peer of Google: a channel with videos, a search, and comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.peers.google import Call, GooglePeer
from tests.peers.google_description import RefusalError

CHANNEL, UPLOADS, HANDLE = "UCaaaaaaaaaaaaaaaaaaaaaa", "UUaaaaaaaaaaaaaaaaaaaaaa", "@example"


class YouTube:
    """One channel; `videos` and `comments` are in the order in which they were published."""

    def __init__(self, peer: GooglePeer) -> None:
        self.peer = peer
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.videos: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self._numbers = count(1)
        peer.serve(
            "youtube.v3",
            {
                "youtube.channels.list": self._channels,
                "youtube.playlistItems.list": self._uploads,
                "youtube.search.list": self._search,
                "youtube.videos.list": self._listed,
                "youtube.commentThreads.list": self._threads,
            },
        )

    def publish(self, title: str, after: float = 1.0, **more: Any) -> str:
        """Publish a video, so many seconds after the newest; returns its id."""
        snippet = {
            "publishedAt": self._moment([one["snippet"]["publishedAt"] for one in self.videos], after),
            "channelId": CHANNEL,
            "channelTitle": "Example",
            "title": title,
            "description": "What it is about",
            "thumbnails": {
                size: {"url": f"https://i.test/{size}.jpg", "width": 1, "height": 1} for size in ("default", "high")
            },
            "defaultAudioLanguage": "en",
        }
        made = {"kind": "youtube#video", "id": f"video-{next(self._numbers):05d}", "snippet": snippet | more}
        made["statistics"] = {"viewCount": "40", "likeCount": "3", "commentCount": "2"}
        self.videos = sorted([*self.videos, made], key=lambda one: str(one["snippet"]["publishedAt"]))
        return str(made["id"])

    def comment(self, text: str, after: float = 1.0, name: str = "@ann") -> str:
        """Comment on the newest video, so many seconds after the newest comment; returns its id."""
        at = self._moment([_top(one)["publishedAt"] for one in self.comments], after)
        said = {
            "textDisplay": text,
            "textOriginal": text,
            "publishedAt": at,
            "updatedAt": at,
            "authorDisplayName": name,
            "authorChannelId": {"value": "UCbbbbbbbbbbbbbbbbbbbbbb"},
            "likeCount": 5,
        }
        identity = f"comment-{next(self._numbers):05d}"
        snippet = {"videoId": "dQw4w9WgXcQ", "channelId": CHANNEL, "totalReplyCount": 1, "isPublic": True}
        snippet["topLevelComment"] = {"kind": "youtube#comment", "id": identity, "snippet": said}
        self.comments.append({"kind": "youtube#commentThread", "id": identity, "snippet": snippet})
        self.comments.sort(key=lambda one: str(_top(one)["publishedAt"]))
        return identity

    def _moment(self, others: Sequence[str], after: float) -> str:
        newest = datetime.fromisoformat(max(others, default=self.began.isoformat()))
        return (newest + timedelta(seconds=after)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _channels(self, call: Call) -> Any:
        given = call.parameters
        known = (
            HANDLE in given.get("forHandle", "")
            or "@YouTube" in given.get("forHandle", "")
            or CHANNEL in given.get("id", ())
        )
        lists = {"relatedPlaylists": {"uploads": UPLOADS}}
        items = [{"kind": "youtube#channel", "id": CHANNEL, "contentDetails": lists}] if known else []
        return {"kind": "youtube#channelListResponse", "items": items}

    def _uploads(self, call: Call) -> Any:
        if call.parameters["playlistId"] != UPLOADS:
            raise RefusalError(404, "playlistNotFound", "The playlist cannot be found.")
        found, more = _page(call, self.videos)
        items = [{"kind": "youtube#playlistItem", "contentDetails": {"videoId": one["id"]}} for one in found]
        return {"kind": "youtube#playlistItemListResponse", "items": items} | more

    def _search(self, call: Call) -> Any:
        after = call.parameters.get("publishedAfter", "")
        words = call.parameters["q"].casefold()
        fitting = [
            one
            for one in self.videos
            if words in one["snippet"]["title"].casefold() and one["snippet"]["publishedAt"] >= after
        ]
        found, more = _page(call, fitting)
        items = [
            {"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": one["id"]}} for one in found
        ]
        return {"kind": "youtube#searchListResponse", "items": items} | more

    def _listed(self, call: Call) -> Any:
        asked = [name for one in call.parameters["id"] for name in one.split(",")]
        return {"kind": "youtube#videoListResponse", "items": [one for one in self.videos if one["id"] in asked]}

    def _threads(self, call: Call) -> Any:
        found, more = _page(call, self.comments)
        return {"kind": "youtube#commentThreadListResponse", "items": found} | more


def _page(call: Call, found: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    start, most = int(call.parameters.get("pageToken") or 0), int(call.parameters.get("maxResults", 5))
    ordered = list(reversed(found))
    more = {"nextPageToken": str(start + most)} if start + most < len(ordered) else {}
    return ordered[start : start + most], more


def _top(thread: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = thread["snippet"]["topLevelComment"]["snippet"]
    return said
