"""The parts of a page that a CSS selector names, and nothing else of it."""

from lxml import etree

from hub.extraction.readers.markup import Element
from hub.extraction.reading import ReadingError

LONGEST = 2_000


def selected(root: Element, selector: str) -> Element:
    """A page with only the chosen parts, in the order of the page; a part within another one is not repeated."""
    chosen = _found(root, selector)
    if not chosen:
        raise ReadingError(f"Nothing on the page matches the selector {selector[:200]}.")
    page = etree.Element("html")
    body = etree.SubElement(page, "body")
    known = set(chosen)
    for element in [one for one in chosen if not any(above in known for above in one.iterancestors())]:
        element.tail = None
        body.append(element)
    return page


def _found(root: Element, selector: str) -> list[Element]:
    from cssselect import HTMLTranslator, SelectorError

    wrong = f"This is not a CSS selector: {selector[:100]}"
    if len(selector) > LONGEST:
        raise ReadingError(f"A selector may have {LONGEST:,} characters at most.")
    try:
        path = etree.XPath(HTMLTranslator().css_to_xpath(selector))
        found = path(root)
    except (SelectorError, etree.XPathError) as error:
        raise ReadingError(wrong) from error
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []  # noqa: SLF001 it has no public name
