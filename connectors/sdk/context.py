"""What a connector is given: its connection, its settings, and guarded ways out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from connectors.sdk.datasets import DatasetChange, DatasetQuery, DatasetTarget
from connectors.sdk.items import Change, Receipt, Record, Rejected

if TYPE_CHECKING:
    import httpx2

    from connectors.sdk.network.guard import Address
    from connectors.sdk.network.http import HttpClient
    from connectors.sdk.pages.browser import Browser
    from connectors.sdk.pages.courtesy import Courtesy

C = TypeVar("C")
S = TypeVar("S")
T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")


class FolderFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a watched directory: its path below the directory, size in bytes and time of change in ns."""

    path: str
    size: int
    changed: int


class Folder(Protocol):
    """Directories below the operator's allowed roots; a path that leaves them is a `SettingsError`."""

    def list(self, directory: str, pattern: str) -> Awaitable[Sequence[FolderFile]]:
        """Return the files of a directory that match a glob, oldest change first."""
        ...

    def read(self, directory: str, path: str) -> Awaitable[bytes]:
        """Return a file's content."""
        ...

    def part(self, directory: str, path: str, start: int, size: int) -> Awaitable[bytes]:
        """Return some of a file's content: at most `size` bytes from `start` on."""
        ...

    def directories(self) -> Awaitable[Sequence[str]]:
        """Return the allowed roots and the directories right below them."""
        ...

    def size(self, directory: str, name: str) -> Awaitable[int]:
        """Return a file's length in bytes, 0 when there is none."""
        ...

    def append(self, directory: str, name: str, content: bytes) -> Awaitable[int]:
        """Add to the end of a file, made when missing, and return the new length; kept on disk on return."""
        ...

    def truncate(self, directory: str, name: str, size: int) -> Awaitable[None]:
        """Cut a file back to a length."""
        ...

    def replace(self, directory: str, name: str, content: bytes) -> Awaitable[None]:
        """Write a whole file so that readers see the old or the new one, never a half."""
        ...

    def hold(self, directory: str, name: str) -> Any:
        """Async context manager: one writer of this file at a time, over all workers."""
        ...


class Files(Protocol):
    """The workspace's stored files, by the references that stand in items."""

    def open(self, reference: str) -> Awaitable[bytes]:
        """Return the content of a stored file."""
        ...


class Datasets(Protocol):
    """The workspace's own tables, written inside the ledger's transaction."""

    def preview(self, target: DatasetTarget, records: Sequence[Record]) -> Awaitable[Sequence[Sequence[Change]]]:
        """Return what writing would change, a list for each record."""
        ...

    def write(self, target: DatasetTarget, records: Sequence[Record]) -> Awaitable[Sequence[Receipt | Rejected]]:
        """Write rows and return a receipt for each record."""
        ...

    def find(self, target: DatasetTarget, record: Record) -> Awaitable[Receipt | None]:
        """Return the receipt of a record that has been written, None when it has not."""
        ...

    def undo(self, target: DatasetTarget, receipt: Receipt) -> Awaitable[Receipt]:
        """Put back the rows of one receipt where they are still as written."""
        ...

    def query(self, query: DatasetQuery) -> Awaitable[Sequence[Mapping[str, Any]]]:
        """Return rows."""
        ...

    def names(self) -> Awaitable[Sequence[str]]:
        """Return the names of the workspace's datasets, without those that files are written from."""
        ...

    def columns(self, dataset: str) -> Awaitable[Sequence[str]]:
        """Return the names of a dataset's columns, in the order in which they were first met."""
        ...

    def changes(self, dataset: str, since: str | None) -> AsyncIterator[DatasetChange]:
        """Yield revisions of a dataset after a cursor, oldest first."""
        ...

    def latest(self, dataset: str) -> Awaitable[str]:
        """Return the cursor of a dataset's newest revision."""
        ...

    def together(self) -> AbstractAsyncContextManager[None]:
        """Take back what a block wrote to datasets when it fails, and only that."""
        ...


class Context(Generic[C, S]):
    """The surroundings of one call; a connector reads from it and keeps none of it.

    `http` is our own client; `httpx(**options)` opens one for a vendor's SDK, on the same guard and for the same hosts.
    """

    __slots__ = (
        *("_access", "_confined", "_pool", "_remember"),
        *("browser", "connection", "courtesy", "datasets", "dial", "files", "folder", "http", "httpx", "settings"),
    )

    def __init__(  # noqa: PLR0913  # all by name
        self,
        *,
        connection: C,
        settings: S,
        http: HttpClient,
        httpx: Callable[..., httpx2.AsyncClient],
        dial: Callable[[str, int], Awaitable[Address]],
        access: Callable[[str | None], Awaitable[str]],
        pool: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]],
        remember: Callable[[str], Awaitable[None]],
        confined: Callable[[Callable[[Any], Any], Any], Awaitable[Any]],
        files: Files,
        folder: Folder,
        datasets: Datasets,
        browser: Browser,
        courtesy: Courtesy,
    ) -> None:
        self.browser = browser
        self.courtesy = courtesy
        self.connection = connection
        self.settings = settings
        self.http = http
        self.httpx = httpx
        self.dial = dial
        self.files = files
        self.folder = folder
        self.datasets = datasets
        self._access = access
        self._pool = pool
        self._remember = remember
        self._confined = confined

    async def access_token(self, *, refused: str | None = None) -> str:
        """Return a token that the connection's service granted and that is valid now.

        Name the one that the service has `refused` to get another. CredentialsError: a person must connect again.
        """
        return await self._access(refused)

    async def pool(self, opener: Callable[[], Awaitable[T]]) -> T:
        """Return this connection's shared driver pool, opened once by `opener` and closed by the hub when unused."""
        return await self._pool(opener)  # type: ignore[no-any-return]  # the hub keeps pools of any driver

    async def remember(self, token: str) -> None:
        """Keep a token in the ledger before the write becomes final, so that `find` can decide after a crash."""
        await self._remember(token)

    async def confined(self, function: Callable[[P], R], payload: P) -> R:
        """Run a function on hostile content in a child process with limits, without network and without files.

        The function stands at the top of a module that imports its parsers inside functions. Payload and result are
        what msgspec carries by the function's type hints; it may refuse the content with a SettingsError.
        """
        return await self._confined(function, payload)  # type: ignore[no-any-return]  # the hints tell what comes back
