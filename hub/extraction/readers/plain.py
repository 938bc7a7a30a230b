"""Plain text, in whatever encoding it came."""

import codecs
import re

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, ReadingError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Central European letters where Western text has none: signs within words, and letters that no language has together.
CENTRAL = re.compile(rb"[\xb3\xb9\x9f\x9d][a-z]|[a-z]\xbf")
TOGETHER = ((b"\xf8", b"\xec"), (b"\xf8", b"\xf9"), (b"\xf5", b"\xfb"))
# How much of a text may be control characters before it is taken for something else.
CONTROLS = 0.02


def read_plain(source: Source) -> Reading:
    """Lines as they stand."""
    draft = Draft(source, "text/plain")
    draft.write(text_of(source.content))
    return draft.finish()


def text_of(content: bytes) -> str:
    """The text by its byte order mark, as UTF-8, UTF-16, or in the encoding it most likely has."""
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    controls = sum(character < " " and character not in "\n\t\f\v\x1b" for character in text[:10_000])
    if controls > CONTROLS * len(text[:10_000]):
        raise ReadingError("This is not a document that can be read: it holds neither text nor a known format.")
    return clean(text)


def _decoded(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    head = content[:4000]
    if head.count(0) > len(head) // 4:
        return content.decode("utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(_guess(content[:200_000]), "replace")


def _guess(content: bytes) -> str:
    """The Windows encoding whose letters these look like: Western unless Cyrillic or Central European."""
    letters = sum(chr(byte).isalpha() for byte in content if byte < 0x80)
    if sum(byte >= 0xC0 for byte in content) > letters:
        return "cp1251"
    central = CENTRAL.search(content) or any(one in content and other in content for one, other in TOGETHER)
    return "cp1250" if central else "cp1252"
