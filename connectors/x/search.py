"""What to look for on X, and the words that X's search has for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from connectors.sdk import Settings, field
from connectors.sdk.intervals import interval
from connectors.sdk.posts import Authors, Every, Existing, NotBy

_NAME = re.compile(r"@?\w{1,15}", re.ASCII)
_TAG = re.compile(r"#?\w{1,100}")


class Search(Settings):
    """Which posts start a run: at least words, a hashtag or an author."""

    words: Annotated[
        str,
        field(
            "Words", hint='As in X\'s own search: a word, "a phrase", OR, -without.', example='patchdeck OR "my hub"'
        ),
    ] = ""
    hashtags: Annotated[list[str], field("Hashtags", hint="Posts with any of these.", example=["patchdeck"])] = []
    authors: Authors = []
    not_by: NotBy = []
    language: Annotated[str, field("Language", hint="Two letters; empty for all.", example="en", advanced=True)] = ""
    reposts: Annotated[
        Literal["skip", "read"], field("Reposts", hint="Posts that only repeat another.", advanced=True)
    ] = "skip"
    replies: Annotated[Literal["read", "skip"], field("Replies", advanced=True)] = "read"
    existing: Existing = "skip"
    every: Every = "5m"
    stream: Annotated[
        bool,
        field(
            "Filtered stream",
            hint="Be told within seconds. Needs a connection that signs in by App.",
            advanced=True,
        ),
    ] = False

    def __post_init__(self) -> None:
        interval(self.every)
        if not (self.words.strip() or self.hashtags or self.authors):
            raise ValueError("Give words, a hashtag or an author to look for.")
        require_names([*self.authors, *self.not_by])
        if wrong := [tag for tag in self.hashtags if not _TAG.fullmatch(tag)]:
            raise ValueError(f"{wrong[0]} is no hashtag: write one word, with or without #.")
        if self.language and not re.fullmatch(r"[a-z]{2,3}", self.language):
            raise ValueError("Write the language as two letters, such as en.")

    @property
    def query(self) -> str:
        """The search as X reads it."""
        words = f"({self.words.strip()})" if self.words.strip() else ""
        return " ".join(
            part
            for part in (
                words,
                _any(f"#{tag.removeprefix('#')}" for tag in self.hashtags),
                _any(f"from:{name.removeprefix('@')}" for name in self.authors),
                " ".join(f"-from:{name.removeprefix('@')}" for name in self.not_by),
                f"lang:{self.language}" if self.language else "",
                "-is:retweet" if self.reposts == "skip" else "",
                "-is:reply" if self.replies == "skip" else "",
            )
            if part
        )


def require_names(names: list[str]) -> None:
    """Raise ValueError for a name that no account can have."""
    if wrong := [name for name in names if not _NAME.fullmatch(name)]:
        raise ValueError(f"{wrong[0]} is no name of an account: write it as in the address of its page.")


def _any(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({' OR '.join(listed)})" if len(listed) > 1 else "".join(listed)
