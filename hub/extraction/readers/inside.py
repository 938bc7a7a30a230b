"""What runs in the jail: tell by its content what a document is, and have the reader for it read it.

Readers are imported when needed: each brings a library, and a fresh process should read its first page at once.
"""

import re
from collections.abc import Callable

from hub.extraction.readers.source import Source, check_size
from hub.extraction.reading import Reading, ReadingError

HEAD = 4096
ARCHIVE, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|table|div|p|h[1-6]|article|section|ul)\b",
    re.IGNORECASE | re.DOTALL,
)
MARKUP = re.compile(rb"\s*<(?:\?xml|[A-Za-z_][\w.:-]*[\s>/])")
OTHERS = (
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|BM.{4}\x00\x00|RIFF.{4}WEBP|.{4}ftyp(?:heic|mif1|avif)",
        "an image",
    ),
    (rb"\{\\rtf", "an RTF document"),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ", "a packed archive"),
    (rb"ID3|OggS|fLaC|RIFF.{4}WAVE|.{4}ftyp", "a recording"),
    (rb"\x7fELF|MZ", "a program"),
)
KINDS = "PDF, DOCX, HTML, Markdown, plain text or XML"


def read(source: Source) -> Reading:
    """Read the document; what it is called only decides between plain text and Markdown."""
    check_size(len(source.content))
    return _reader(source)(source)


def _reader(source: Source) -> Callable[[Source], Reading]:
    head = source.content[:HEAD]
    if b"%PDF-" in head[:1024]:
        from hub.extraction.readers.pdf import read_pdf

        return read_pdf
    if head.startswith(ARCHIVE):
        from hub.extraction.readers.docx import read_docx

        return read_docx
    _refuse_others(source.content)
    return _text_reader(source, head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe"))


def _text_reader(source: Source, head: bytes) -> Callable[[Source], Reading]:
    if PAGE.match(head):
        from hub.extraction.readers.html import read_html

        return read_html
    if head.lstrip().startswith(b"<?xml") or (MARKUP.match(head) and b"xmlns" in head):
        from hub.extraction.readers.xml import read_xml

        return read_xml
    if source.name.lower().endswith((".md", ".markdown")):
        from hub.extraction.readers.markdown import read_markdown

        return read_markdown
    from hub.extraction.readers.plain import read_plain

    return read_plain


def _refuse_others(content: bytes) -> None:
    """Say what it is when we know and cannot read it."""
    if content.startswith(COMPOUND):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise ReadingError(
            "The document is encrypted. Remove its password and try again."
            if encrypted
            else "This is a document of an old Office version. Save it as DOCX or PDF."
        )
    for magic, what in OTHERS:
        if re.match(magic, content[:64], re.DOTALL):
            raise ReadingError(f"This is {what}, not a document with text. Send it as {KINDS}.")
