"""XML: electronic invoices with their values, anything else as lines of names and texts."""

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.markup import local_name, parse_xml
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading


def read_xml(source: Source) -> Reading:
    """Each element that has text becomes a line, named by itself and the one around it."""
    root = parse_xml(source.content)
    draft = Draft(source, "application/xml")
    embed(draft, source.name or "invoice.xml", source.content)
    if draft.embedded[0].kind != "invoice":
        draft.embedded.clear()
    for element in root.iter():
        if text := " ".join((element.text or "").split()):
            around = element.getparent()
            place = f"{local_name(around)} {local_name(element)}" if around is not None else local_name(element)
            draft.write(f"{place}: {text}\n")
    return draft.finish()
