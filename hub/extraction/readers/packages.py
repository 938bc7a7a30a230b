"""Documents that are archives of parts, as those of Office programs are, never unpacked further than they may be."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from hub.extraction.readers.markup import local_name, parse_xml
from hub.extraction.reading import Metadata, ReadingError

FILES, PART_BYTES, ALL_BYTES = 5_000, 60 << 20, 150 << 20
# What the library raises over an archive that is broken, encrypted or packed in a way it does not know.
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError, ValueError)


class Package:
    """The parts of one document, by name; `what` names the document in sentences about it."""

    def __init__(self, archive: zipfile.ZipFile, what: str) -> None:
        self._archive = archive
        self._what = what
        self.names = archive.namelist()
        if len(self.names) > FILES or sum(part.file_size for part in archive.infolist()) > ALL_BYTES:
            raise ReadingError(too_much(what))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def part(self, name: str) -> bytes:
        """The part, unpacked no further than it may be: sizes in the archive's list can lie."""
        with self._archive.open(name) as part:
            content = part.read(PART_BYTES + 1)
        if len(content) > PART_BYTES:
            raise ReadingError(too_much(self._what))
        return content


@contextmanager
def opened(content: bytes, what: str) -> Iterator[Package]:
    """Open a document that is an archive; whatever is broken in it becomes one sentence."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield Package(archive, what)
    except UNREADABLE as error:
        message = f"{what} is broken: its parts cannot be unpacked. Save it again in the program that made it."
        raise ReadingError(message) from error


def core_metadata(package: Package, what: str) -> Metadata:
    """What Word, Excel and PowerPoint keep about a document."""
    if "docProps/core.xml" not in package:
        return Metadata()
    core = parse_xml(package.part("docProps/core.xml"), what)
    values = {local_name(element): (element.text or "").strip() or None for element in core}
    return Metadata(
        title=values.get("title"),
        author=values.get("creator"),
        language=values.get("language"),
        created=values.get("created"),
    )


def too_much(what: str) -> str:
    """What to say of a document that unpacks to more than can be held."""
    return f"{what} unpacks to more than can be read. Make it smaller or split it."
