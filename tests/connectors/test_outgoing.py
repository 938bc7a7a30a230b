"""Names and folders of files that go out, whatever a template or a stranger made of them."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.files.outgoing import LONGEST_NAME, folder_path, numbered, require_folder, segment


@given(st.text(max_size=400))
def test_any_text_becomes_one_name_that_leads_nowhere(text):
    name = segment(text)
    assert not set(name) & set('/\\:*?"<>|\0\r\n\t\u202e')
    assert name not in {".", ".."}
    assert name == name.strip(" .")
    assert len(name.encode()) <= LONGEST_NAME + 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Invoice 42.pdf", "Invoice 42.pdf"),
        ("../../etc/passwd", "etc-passwd"),
        (".htaccess", "htaccess"),
        ("C:\\Temp\\a.txt", "C-Temp-a.txt"),
        ("Z\u0307ółć.txt", "Żółć.txt"),
        ("...", ""),
        ("\ud800", ""),
    ],
)
def test_names_stay_readable(text, name):
    assert segment(text) == name


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/a.b/c.pdf", ["/a.b/c.pdf", "/a.b/c (2).pdf", "/a.b/c (3).pdf"]),
        ("README", ["README", "README (2)", "README (3)"]),
    ],
)
def test_files_stand_beside_each_other_under_numbers(path, names):
    assert list(islice(numbered(path), 3)) == names


@pytest.mark.parametrize(("folder", "path"), [("", ""), ("/", ""), ("a//b/", "/a/b"), ("/a/b", "/a/b")])
def test_a_folder_is_written_in_one_way(folder, path):
    require_folder(folder)
    assert folder_path(folder) == path
