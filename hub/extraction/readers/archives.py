"""ZIP, TAR and packed streams: the documents in them are read one by one; bombs are refused before they go off."""

import io
import tarfile
import zipfile
from bz2 import BZ2Decompressor
from collections.abc import Callable, Iterator
from lzma import LZMADecompressor, LZMAError
from pathlib import PurePosixPath
from typing import Protocol
from zlib import MAX_WBITS, decompressobj
from zlib import error as ZlibError  # noqa: N812 the module's own name says nothing

from msgspec import structs

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.packages import UNREADABLE, too_much
from hub.extraction.readers.source import MEGABYTES, ROOM, Source
from hub.extraction.reading import Reading, ReadingError

WHAT = "The archive"
BROKEN = "The archive is broken and cannot be unpacked. Pack it again."
ENCRYPTED = "The archive is encrypted. Give the password, or pack it without one."
# Members of any kind, and those that are read; how many times its own size an archive may unpack to.
MEMBERS, RATIO = 2_000, 200
SMALL = 5 << 20
# What systems leave in archives beside the files.
LITTER = frozenset((".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"))
Member = tuple[str, int, Callable[[], bytes]]


class Unpacker(Protocol):
    """What the packers of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the packed data was reached."""

    @property
    def unused_data(self) -> bytes:
        """What comes behind that end."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Unpack no more than so many bytes."""


def read_zip(source: Source) -> Reading:
    """Read the documents in the archive."""
    password = source.options.password.encode() if source.options.password else None
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            files = [file for file in archive.infolist() if not file.is_dir()]
            if password is None and any(file.flag_bits & 1 for file in files):
                raise ReadingError(ENCRYPTED)
            return _read(source, "application/zip", [_zipped(archive, file, password) for file in files])
    except UNREADABLE as error:
        if password is not None:
            message = "The archive cannot be unpacked with this password, or it is broken. Pack it without a password."
            raise ReadingError(message) from error
        raise ReadingError(BROKEN) from error


def read_tar(source: Source) -> Reading:
    """Read the documents in the archive; links and devices are none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(source.content), mode="r:") as archive:
            return _read(source, "application/x-tar", list(_tarred(archive)))
    except (tarfile.TarError, *UNREADABLE) as error:
        raise ReadingError(BROKEN) from error


def read_stream(source: Source) -> Reading:
    """Read what was packed by gzip, bzip2 or xz, which may be an archive again."""
    content = _unpacked(source.content)
    name = PurePosixPath(source.name or "document").name
    inner = name.rpartition(".")[0] if name.lower().endswith((".gz", ".bz2", ".xz")) else name
    inner = f"{inner.rpartition('.')[0]}.tar" if inner.lower().endswith((".tgz", ".tbz", ".txz")) else inner
    if content[257:262] == b"ustar":
        return read_tar(structs.replace(source, content=content))
    return _read(source, "application/gzip", [(inner, len(content), lambda: content)])


def _read(source: Source, media_type: str, members: list[Member]) -> Reading:
    wanted = [member for member in members if not LITTER & set(PurePosixPath(member[0].replace("\\", "/")).parts)]
    size = sum(size for _, size, _ in wanted)
    if len(wanted) > MEMBERS:
        raise ReadingError(f"The archive has {len(wanted):,} files; up to {MEMBERS:,} can be read. Split it.")
    if size > ROOM or size > max(SMALL, RATIO * len(source.content)):
        raise ReadingError(too_much(WHAT))
    draft = Draft(source, media_type)
    for name, size, open_ in wanted:
        draft.write(f"{name}\n")
        if size:
            embed(draft, name, open_())
    if not wanted:
        draft.problems.append("There are no files in the archive.")
    return draft.finish()


def _zipped(archive: zipfile.ZipFile, file: zipfile.ZipInfo, password: bytes | None) -> Member:
    def content() -> bytes:
        # No more than the list says is ever unpacked.
        with archive.open(file, pwd=password) as member:
            return member.read(file.file_size)

    return file.filename, file.file_size, content


def _tarred(archive: tarfile.TarFile) -> Iterator[Member]:
    for number, file in enumerate(archive):
        if number > MEMBERS * 2:
            raise ReadingError(f"The archive has more than {MEMBERS * 2:,} files. Split it.")
        if file.isreg():
            yield file.name, file.size, lambda file=file: _extracted(archive, file)  # type: ignore[misc] # mypy takes no default


def _extracted(archive: tarfile.TarFile, file: tarfile.TarInfo) -> bytes:
    member = archive.extractfile(file)
    return member.read() if member else b""


def _unpacked(content: bytes) -> bytes:
    """What the stream holds, unpacked until it is too much; it may be several packed one after the other."""
    most = min(MEGABYTES << 20, max(SMALL, RATIO * len(content)))
    magic, unpacked = content[:3], bytearray()
    while content.startswith(magic):
        unpacker = _unpacker(content)
        try:
            unpacked += unpacker.decompress(content, most + 1 - len(unpacked))
        except (ZlibError, LZMAError, OSError, EOFError) as error:
            raise ReadingError(BROKEN) from error
        if len(unpacked) > most:
            raise ReadingError(too_much(WHAT))
        if not unpacker.eof:
            raise ReadingError(BROKEN)
        content = unpacker.unused_data
    return bytes(unpacked)


def _unpacker(content: bytes) -> Unpacker:
    if content.startswith(b"BZh"):
        return BZ2Decompressor()
    if content.startswith(b"\xfd7zXZ"):
        return LZMADecompressor(memlimit=256 << 20)
    return decompressobj(16 + MAX_WBITS)
