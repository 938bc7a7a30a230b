"""XML parsed without entities, network or unbounded depth."""

from typing import Any

from lxml import etree

from hub.extraction.reading import ReadingError

# lxml has no public name for it.
Element = etree._Element  # noqa: SLF001 see above
NO_MEMORY = 2
ELEMENTS = 1_500_000


def parse_xml(content: bytes, what: str = "The XML") -> Element:
    """The root; a document type declaration is refused, for it is where entities and remote files come in."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == NO_MEMORY:  # the stubs do not know it
            raise MemoryError from error
        if "depth" in str(error):
            raise ReadingError(f"{what} is nested too deep to be read.") from error
        raise ReadingError(f"{what} is broken at line {error.lineno}.") from error
    if _declares_type(root):
        raise ReadingError(f"{what} declares a document type, which is not accepted. Save it without <!DOCTYPE>.")
    for number, _ in enumerate(root.iter()):
        if number >= ELEMENTS:
            raise ReadingError(f"{what} has more than {ELEMENTS:,} elements. Split it.")
    return root


def _declares_type(root: Element) -> bool:
    # The stubs of lxml do not know this one.
    information: Any = root.getroottree().docinfo
    return bool(information.doctype)


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
