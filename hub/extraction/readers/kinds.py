"""What a document is, told by its content; its name only decides between kinds of plain text."""

import io
import re
import zipfile

from hub.extraction.readers.delimited import is_delimited
from hub.extraction.readers.source import Source
from hub.extraction.reading import ReadingError

HEAD = 4096
PACKED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The part that only this kind of package has.
PARTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
TYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odt",
    "application/epub+zip": "epub",
}
PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|table|div|p|h[1-6]|article|section|ul)\b",
    re.IGNORECASE | re.DOTALL,
)
MARKUP = re.compile(rb"\s*<(?:\?xml|[A-Za-z_][\w.:-]*[\s>/])")
HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):", re.MULTILINE)
# What programs write over a mail and people over nothing else.
CARRIED = frozenset(
    [
        *(b"received", b"message-id", b"mime-version", b"return-path", b"dkim-signature", b"delivered-to"),
        *(b"content-type", b"x-mailer", b"content-transfer-encoding"),
    ]
)
MAGIC = (
    (re.compile(rb".{0,1019}%PDF-", re.DOTALL), "pdf"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|BM.{4}\x00\x00|RIFF.{4}WEBP", re.DOTALL), "image"),
    (re.compile(rb".{4}ftyp(?:heic|mif1|avif)", re.DOTALL), "image"),
    (re.compile(rb"\x1f\x8b"), "gz"),
    (re.compile(rb"BZh"), "bz2"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz"),
    (re.compile(rb".{257}ustar", re.DOTALL), "tar"),
)
TEXTS = (
    (re.compile(rb"\{\\rtf"), "rtf"),
    (re.compile(rb"From [^\n]{1,200}\d{4}[^\n]{0,20}\r?\n[A-Za-z][A-Za-z0-9-]{1,60}:"), "mbox"),
    (PAGE, "html"),
    (re.compile(rb"\s*<\?xml"), "xml"),
)
REFUSED = (
    (rb"7z\xbc\xaf|Rar!", "an archive of a kind that cannot be unpacked here. Send it as ZIP"),
    (
        rb"ID3|OggS|fLaC|RIFF.{4}WAVE|.{4}ftyp(?!heic|mif1|avif)",
        "a recording, not a document with text. Send it as {kinds}",
    ),
    (rb"\x7fELF|MZ", "a program, not a document with text. Send it as {kinds}"),
)
KINDS = "PDF, DOCX, PPTX, XLSX, ODT, RTF, EPUB, a mail, HTML, Markdown, CSV, plain text or XML"
OLD = "This is a document of an old Office version, or it is broken. Save it as DOCX, XLSX, PPTX or PDF."
ENCRYPTED = "The document is encrypted. Remove its password and try again."


def kind_of(source: Source) -> str:
    """The kind that names the reader; raises `ReadingError` for what no reader reads."""
    content, head = source.content, source.content[:HEAD]
    if head.startswith(PACKED):
        return _packed(content)
    if head.startswith(COMPOUND):
        return _compound(content)
    _refuse_others(head)
    magic = next((kind for magic, kind in MAGIC if magic.match(head)), None)
    return magic or _text(source, head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe"))


def _packed(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            # A short text by every standard; one that is longer is another thing.
            kind = TYPES.get(_short(archive, "mimetype")) if "mimetype" in names else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        # Its list of contents is at its end and may be lost; the reader says so in its own words.
        names, kind = {part for part in PARTS if part.encode() in content}, None
    if "xl/workbook.bin" in names:
        raise ReadingError("This is a binary Excel workbook (XLSB). Save it as XLSX.")
    if any(name.endswith("Index/Document.iwa") for name in names):
        raise ReadingError(
            "This is a document of Pages, Numbers or Keynote. Export it as PDF or as an Office document."
        )
    return kind or next((PARTS[part] for part in PARTS if part in names), "zip")


def _short(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return file.read(100).decode("ascii", "replace").strip()


def _compound(content: bytes) -> str:
    if "__properties_version1.0".encode("utf-16-le") in content:
        return "msg"
    raise ReadingError(ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in content else OLD)


def _refuse_others(head: bytes) -> None:
    """Say what it is when we know and cannot read it."""
    for magic, what in REFUSED:
        if re.match(magic, head[:64], re.DOTALL):
            raise ReadingError(f"This is {what.format(kinds=KINDS)}.")


def _text(source: Source, head: bytes) -> str:
    name = source.name.lower()
    kind = next((kind for magic, kind in TEXTS if magic.match(head)), None)
    if _is_mail(head, name):
        kind = "eml"
    elif kind is None and MARKUP.match(head) and b"xmlns" in head:
        kind = "xml"
    elif kind is None and name.endswith((".md", ".markdown")):
        kind = "markdown"
    return kind or ("csv" if is_delimited(source.content, name) else "plain")


def _is_mail(head: bytes, name: str) -> bool:
    """Whether it begins with the header of a mail; people also write From: and To: over letters."""
    top = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    first = top.split(b"\n", 1)[0]
    if not HEADER.match(first):
        return False
    names = {match[1].lower() for match in HEADER.finditer(top)}
    if name.endswith(".eml"):
        return bool(names & {b"from", b"subject", b"to", b"date", *CARRIED})
    return len(names & CARRIED) >= 2 or (b"from" in names and bool(names & CARRIED))
