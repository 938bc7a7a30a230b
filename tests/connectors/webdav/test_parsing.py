"""Lists that lie, lead elsewhere, or are none."""

import pytest

from connectors.webdav.parsing import Source, read_listing
from tests.connectors.webdav.listings import listing


@pytest.mark.parametrize(
    "href",
    [
        "/etc/passwd",
        "/share/..",
        "/share/%2e%2e",
        "/share/a%2Fb",
        "/share/a%5Cb",
        "/share/a%00",
        "/share/a/b",
        "http://[",
        "",
    ],
)
def test_an_entry_that_leads_elsewhere_is_none(href):
    found = read_listing(Source(listing("/share/", href, "http://other.test/share/good.txt").encode(), "/share/"))
    assert [entry.name for entry in found.entries] == ["", "good.txt"]
    assert found.strangers == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no XML",
        b"<html/>",
        b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><d:multistatus xmlns:d="DAV:">' + b"<d:x>" * 5_000,
    ],
)
def test_what_is_no_list_is_not_whole(content):
    assert not read_listing(Source(content, "/")).whole


def test_entities_name_no_files_of_this_machine():
    doctype = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    found = read_listing(Source((doctype + listing("/share/&x;")).encode(), "/share/"))
    assert [entry.name for entry in found.entries] == [""]
