"""Forms with files: what clients send, and what is made to keep the reader busy."""

import time

import pytest

from connectors.sdk import Attachment, SettingsError
from connectors.webhook.forms import LONGEST_HEAD, MOST_PARTS, read_form

NESTED = "".join(f"--b{at}\r\nContent-Type: multipart/mixed; boundary=b{at + 1}\r\n\r\n" for at in range(500))
KIND = 'multipart/form-data; boundary="x y"'


def form(*parts: str, end: str = "\r\n") -> bytes:
    """Write a form out of parts, each a head, an empty line and a value."""
    written = "".join(f"--x y{end}{part}{end}" for part in parts)
    return f"{written}--x y--{end}".encode()


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_reads_texts_and_files_under_their_names(end):
    file = f'Content-Disposition: form-data; name="b"; filename="ł.pdf"{end}Content-Type: application/pdf{end}{end}%PDF'
    read = read_form(form(f'Content-Disposition: form-data; name="a"{end}{end}one--x y', file, end=end), KIND)
    assert read == [("a", "one--x y"), ("b", Attachment(name="ł.pdf", media_type="application/pdf", content=b"%PDF"))]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="a;b \\"c\\".txt"', 'a;b "c".txt'),
        ("filename=plain.txt", "plain.txt"),
        ("filename=old.txt; filename*=utf-8''%c5%82.txt", "ł.txt"),
        ('filename=""', ""),
        ('filename="a\0b"', "ab"),
    ],
)
def test_reads_file_names_as_clients_write_them(written, name):
    [(_, file)] = read_form(form(f"Content-Disposition: form-data; name=a; {written}\r\n\r\nx"), KIND)
    assert file.name == name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x y--\r\n",
        form("no empty line"),
        form("X: " + "y" * LONGEST_HEAD + "\r\n\r\nx"),
        form(*["\r\n\r\nx"] * (MOST_PARTS + 1)),
    ],
    ids=["empty", "no parts", "no head", "long head", "many parts"],
)
def test_refuses_what_is_no_form(body):
    with pytest.raises(SettingsError, match="cannot be read"):
        read_form(body, KIND)


@pytest.mark.parametrize(
    "body",
    [
        form(*[f"Content-Disposition: form-data; name={';' * 4000}\r\n\r\nx"] * MOST_PARTS),
        form(*['Content-Disposition: form-data; name="' + '\\"' * 1900 + "\r\n\r\nx"] * MOST_PARTS),
        form(f"A: b\r\n\r\n{NESTED}" + "x\r\n" * 1_000_000),
        form("A: b\r\n\r\n" + "\r\n--x yz" * 500_000),
        form("A: b\r\n\r\n" + "\r\n--x y" + " " * 5_000_000 + "z"),
    ],
    ids=["parameters", "quotes", "nested", "nearly boundaries", "blanks"],
)
def test_reads_hostile_forms_in_good_time(body):
    start = time.process_time()
    assert read_form(body, KIND)
    assert time.process_time() - start < 2
