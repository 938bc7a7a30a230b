"""Lists as WebDAV servers write them, true or not."""

ENTRY = (
    "<d:response><d:href>{}</d:href><d:propstat><d:prop><d:resourcetype>{}</d:resourcetype>"
    "<d:getcontentlength>1</d:getcontentlength><d:getetag>&quot;a&quot;</d:getetag></d:prop>"
    "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
)


def listing(*hrefs: str, kind: str = "") -> str:
    """Return an answer to PROPFIND that names these places."""
    return f'<d:multistatus xmlns:d="DAV:">{"".join(ENTRY.format(href, kind) for href in hrefs)}</d:multistatus>'
