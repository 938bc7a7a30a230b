"""What runs in the jail: tell by its content what a document is, and have the reader for it read it.

Readers are imported when needed: each brings a library, and a fresh process should read its first page at once.
"""

from collections.abc import Callable
from importlib import import_module

from hub.extraction.readers.kinds import kind_of
from hub.extraction.readers.source import Source, check_size
from hub.extraction.reading import Reading

# By kind: the module below this package and the function in it.
READERS = {
    "csv": "delimited:read_csv",
    "docx": "docx:read_docx",
    "eml": "mail:read_mail",
    "epub": "epub:read_epub",
    "bz2": "archives:read_stream",
    "gz": "archives:read_stream",
    "html": "html:read_html",
    "image": "images:read_image",
    "markdown": "markdown:read_markdown",
    "mbox": "mailbox:read_mailbox",
    "msg": "outlook:read_outlook",
    "ods": "open_document:read_open_document",
    "odt": "open_document:read_open_document",
    "pdf": "pdf:read_pdf",
    "plain": "plain:read_plain",
    "pptx": "pptx:read_pptx",
    "rtf": "rtf:read_rtf",
    "tar": "archives:read_tar",
    "xlsx": "xlsx:read_xlsx",
    "xml": "xml:read_xml",
    "xz": "archives:read_stream",
    "zip": "archives:read_zip",
}


def read(source: Source) -> Reading:
    """Read the document; what it is called only decides between kinds of plain text."""
    check_size(len(source.content))
    return reader_of(source)(source)


def reader_of(source: Source) -> Callable[[Source], Reading]:
    """The reader for what the document is."""
    module, _, name = READERS[kind_of(source)].partition(":")
    reader: Callable[[Source], Reading] = getattr(import_module(f"hub.extraction.readers.{module}"), name)
    return reader
