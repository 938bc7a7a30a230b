"""YouTube: what its contracts say, and the shape that videos and comments have."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.google._connection import Connection
from connectors.google.youtube import Channel, Commented, Search, Video, check, new_comment, new_video, read_video
from connectors.sdk import Context, Settings, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TriggerContract, TriggerStand, read
from tests.peers.google import google_peer
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.youtube import CHANNEL, YouTube


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def youtube() -> AsyncIterator[YouTube]:
    async with google_peer() as peer:
        yield YouTube(peer)


def connection(youtube: YouTube) -> Connection:
    return fill(Connection, {"client_id": "c", "client_secret": "s", "access": "read", "address": youtube.peer.address})


class VideoStand(TriggerStand):
    """The videos of a channel."""

    uses = "youtube.new_video"
    late = -600.0
    settings: Settings = fill(Channel, {"channel": "@example", "existing": "read"})

    def __init__(self, youtube: YouTube, around: Surroundings) -> None:
        self.youtube = youtube
        self.around = around

    def context(self) -> Context[Any, Any]:
        return self.around.context(self.settings, connection(self.youtube))

    async def add(self, count: int) -> Sequence[str]:
        return [self.youtube.publish(f"News {number}") for number in range(count)]

    async def add_late(self) -> str:
        return self.youtube.publish("Late news", after=self.late)

    async def repeat(self) -> None:
        """YouTube gives a video again by itself, as each read takes the newest page whole."""

    async def fail(self, fault: str) -> None:
        self.youtube.peer.fault = fault

    async def heal(self) -> None:
        self.youtube.peer.fault = ""


class SearchStand(VideoStand):
    """The videos with a word."""

    uses = "youtube.video_found"
    settings = fill(Search, {"words": "news", "existing": "read"})


class CommentStand(VideoStand):
    """The comments on a channel's videos."""

    uses = "youtube.new_comment"
    settings = fill(Commented, {"channel": CHANNEL, "existing": "read"})

    async def add(self, count: int) -> Sequence[str]:
        return [self.youtube.comment(f"Comment {number}") for number in range(count)]

    async def add_late(self) -> str:
        return self.youtube.comment("Late", after=-60.0)


class TestNewVideo(TriggerContract):
    @pytest.fixture
    def stand(self, youtube, around):
        return VideoStand(youtube, around)


class TestVideoFound(TriggerContract):
    @pytest.fixture
    def stand(self, youtube, around):
        return SearchStand(youtube, around)


class TestNewComment(TriggerContract):
    @pytest.fixture
    def stand(self, youtube, around):
        return CommentStand(youtube, around)


async def test_shows_a_video_in_the_shape_of_all_networks(youtube, around):
    made = youtube.publish("News & more")
    [item], _ = await read(VideoStand(youtube, around), None)
    assert item.content == {
        "network": "youtube",
        "id": made,
        "url": f"https://www.youtube.com/watch?v={made}",
        "author": {
            "id": CHANNEL,
            "name": "Example",
            "title": "Example",
            "url": f"https://www.youtube.com/channel/{CHANNEL}",
        },
        "title": "News & more",
        "text": "What it is about",
        "created": (youtube.began + timedelta(seconds=1)).isoformat().replace("+00:00", "Z"),
        "language": "en",
        "metrics": {"views": 40, "likes": 3, "replies": 2},
        "media": [{"kind": "image", "url": "https://i.test/high.jpg", "text": "News & more"}],
        "in_reply_to": None,
        "thread": None,
        "community": "Example",
        "repost": False,
    }
    context = around.context(fill(Video, {"video": made}), connection(youtube))
    assert (await read_video(context))["metrics"]["views"] == 40
    with pytest.raises(SettingsError, match="no video"):
        await read_video(around.context(fill(Video, {"video": "none"}), connection(youtube)))


async def test_reads_comments_by_author(youtube, around):
    youtube.comment("Mine")
    youtube.comment("Theirs", name="@bob")
    stand = CommentStand(youtube, around)
    stand.settings = fill(Commented, {"channel": "@example", "not_by": ["ann"], "existing": "read"})
    [item], _ = await read(stand, None)
    assert (item.content["text"], item.content["in_reply_to"]) == ("Theirs", "dQw4w9WgXcQ")
    assert item.content["metrics"] == {"likes": 5, "replies": 1}


async def test_asks_only_once_which_channel_it_is(youtube, around):
    stand = VideoStand(youtube, around)
    _, cursor = await read(stand, None)
    await read(stand, cursor)
    assert youtube.peer.count("youtube.channels.list") == 1


async def test_says_that_there_is_no_such_channel(youtube, around):
    for_nobody = around.context(fill(Channel, {"channel": "@nobody-here"}), connection(youtube))
    with pytest.raises(SettingsError, match="no channel @nobody-here"):
        await anext(new_video(for_nobody, None))


async def test_waits_when_the_day_s_quota_is_used_up(youtube, around):
    youtube.peer.fault = "403 rate"
    with pytest.raises(TemporaryError):
        await anext(new_comment(CommentStand(youtube, around).context(), None))


async def test_checks_the_connection(youtube, around):
    kept = connection(youtube)
    await check(kept, around.context(kept, kept))


@pytest.mark.parametrize(
    ("struct", "values"),
    [
        (Channel, {"channel": "example"}),
        (Search, {"words": " "}),
        (Commented, {"source": "video", "video": "x"}),
        (Commented, {}),
    ],
)
def test_refuses_settings_that_name_nothing(struct, values):
    with pytest.raises(ValueError, match=r"\.$"):
        fill(struct, values)
