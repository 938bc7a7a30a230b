"""Compound files, as old Office formats and Outlook messages are, written by the specification."""

import struct
from collections.abc import Mapping
from itertools import count

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALL, CUTOFF = 512, 64, 4096
Node = bytes | Mapping[str, "Node"]
TEXT, BYTES, NUMBER, TIME = 0x001F, 0x0102, 0x0003, 0x0040
EPOCH = 116_444_736_000_000_000


def compound(root: Mapping[str, Node]) -> bytes:
    """A compound file with these streams and storages."""
    file = _File()
    file.entry("Root Entry", 5, root)
    return file.content()


def message(
    texts: Mapping[int, str | bytes], sent: int, people: Mapping[str, str], files: Mapping[str, bytes]
) -> bytes:
    """An Outlook message: properties by their numbers, when it was sent, who received it, what is attached."""
    root: dict[str, Node] = _properties(
        struct.pack("<8x4I8x", len(people), len(files), len(people), len(files)),
        texts,
        struct.pack("<HHIII", NUMBER, 0x340D, 6, 0x00040000, 0),
        struct.pack("<HHIII", NUMBER, 0x3FDE, 6, 65001, 0),
        struct.pack("<HHIQ", TIME, 0x0039, 6, EPOCH + sent * 10_000_000),
    )
    for number, (name, address) in enumerate(people.items()):
        root[f"__recip_version1.0_#{number:08X}"] = _properties(bytes(8), {0x3001: name, 0x3003: address})
    for number, (name, content) in enumerate(files.items()):
        by_value = struct.pack("<HHIII", NUMBER, 0x3705, 6, 1, 0)
        root[f"__attach_version1.0_#{number:08X}"] = _properties(bytes(8), {0x3707: name, 0x3701: content}, by_value)
    return compound(root)


def _properties(head: bytes, values: Mapping[int, str | bytes], *fixed: bytes) -> dict[str, Node]:
    listed = b"".join(fixed)
    streams: dict[str, Node] = {}
    for number, value in values.items():
        kind = TEXT if isinstance(value, str) else BYTES
        content = value.encode("utf-16-le") if isinstance(value, str) else value
        listed += struct.pack("<HHIII", kind, number, 6, len(content) + (2 if kind == TEXT else 0), 0)
        streams[f"__substg1.0_{number:04X}{kind:04X}"] = content
    return {"__properties_version1.0": head + listed, **streams}


class _File:
    """Sectors, small sectors and the directory of a compound file being written."""

    def __init__(self) -> None:
        self._sectors: list[bytes] = []
        self._chain: list[int] = []
        self._small = b""
        self._small_chain: list[int] = []
        self._entries: list[list[object]] = []

    def entry(self, name: str, kind: int, node: Node) -> int:
        """Add a storage with all in it, or a stream; gives its number."""
        number = len(self._entries)
        entry: list[object] = [name, kind, FREE, FREE, END, 0]
        self._entries.append(entry)
        if isinstance(node, bytes):
            entry[4], entry[5] = self._put(node), len(node)
            return number
        before = None
        for child in sorted(node, key=lambda one: (len(one), one.upper())):
            added = self.entry(child, 2 if isinstance(node[child], bytes) else 1, node[child])
            if before is None:
                entry[3] = added
            else:
                self._entries[before][2] = added
            before = added
        return number

    def content(self) -> bytes:
        """The whole file."""
        self._entries[0][4:] = [self._whole(self._small), len(self._small)]
        small = self._whole(b"".join(struct.pack("<I", one) for one in self._small_chain))
        directory = self._whole(b"".join(map(_packed, self._entries)))
        tables = next(n for n in count(1) if n * (SECTOR // 4) >= len(self._sectors) + n)
        first = len(self._sectors)
        chain = [*self._chain, *[FAT] * tables]
        chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
        fat = struct.pack(f"<{len(chain)}I", *chain)
        places = [*range(first, first + tables), *[FREE] * (109 - tables)]
        head = struct.pack(
            "<8s16x5H6x9I109I",
            *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
            *(0, tables, directory, 0, CUTOFF, small, (len(self._small_chain) * 4 + SECTOR - 1) // SECTOR, END, 0),
            *places,
        )
        return head + b"".join(self._sectors) + fat

    def _put(self, content: bytes) -> int:
        if len(content) >= CUTOFF:
            return self._whole(content)
        first = len(self._small_chain)
        pieces = -(-len(content) // SMALL)
        self._small_chain += [*range(first + 1, first + pieces), END][:pieces]
        self._small += content.ljust(pieces * SMALL, b"\0")
        return first if pieces else END

    def _whole(self, content: bytes) -> int:
        if not content:
            return END
        first = len(self._sectors)
        pieces = -(-len(content) // SECTOR)
        padded = content.ljust(pieces * SECTOR, b"\0")
        self._sectors += [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
        self._chain += [*range(first + 1, first + pieces), END]
        return first


def _packed(entry: list[object]) -> bytes:
    name, kind, right, child, start, size = entry
    written = str(name).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIQ", written.ljust(64, b"\0"), len(written), kind, 1, FREE, right, child, start, size
    )
