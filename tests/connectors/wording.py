"""Stands for targets whose words are settings, which the hub fills in for each record: posts, messages, mails."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any

from connectors.sdk import ConnectorError, Context, Receipt, Record, Rejected, Settings
from tests.connectors.contracts import TargetStand
from tests.peers.surroundings import Surroundings


class WordingStand(TargetStand):
    """Gives each record's context the settings with that record's words."""

    def __init__(self, around: Surroundings, connection: Settings) -> None:
        self._around = around
        self._connection = connection
        self._words: dict[str, str] = {}
        self._latest: Context[Any, Any] | None = None
        around.remembered.clear()

    @property
    def token(self) -> str | None:
        """What was remembered last."""
        return next(reversed(self._around.remembered), None)

    @abstractmethod
    def settings(self, words: str) -> Settings:
        """Return the settings for some words."""

    def context(self) -> Context[Any, Any]:
        """Return a context with the last record's words; a record that is made next brings its own into it."""
        words = next(reversed(self._words.values()), "Nothing yet")
        self._latest = self._around.context(self.settings(words), self._connection)
        return self._latest

    def record(self, number: int) -> Record:
        """Return a record with words of its own."""
        return self.worded(f"KEY-{number}", f"News number {number}")

    def worded(self, key: str, words: str) -> Record:
        """Return a record with these words."""
        self._words.pop(key, None)
        self._words[key] = words
        if self._latest is not None:
            self._latest.settings = self.settings(words)
        return Record(key=key)

    async def _single(self, record: Record, turns: asyncio.Semaphore) -> Receipt | Rejected:
        async with turns:
            context = self._around.context(self.settings(self._words[record.key]), self._connection)
            try:
                receipt: Receipt = await self.target(context, record)
            except ConnectorError as error:
                return Rejected(message=error.message, kind=error.word)
            return receipt
