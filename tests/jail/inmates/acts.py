"""What tests run in the jail: each does one thing that a hostile document might bring about."""

import ctypes
import os
import resource
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hub.errors import InvalidError

_LEAKED: list[bytearray] = []


def echo(content: bytes) -> bytes:
    """The same again."""
    return content


def double(numbers: list[int]) -> list[int]:
    """Typed in and out."""
    return [2 * number for number in numbers]


def process(_: None) -> int:
    """Which process this is."""
    return os.getpid()


def environment(_: None) -> list[str]:
    """The names of the variables that can be seen."""
    return sorted(os.environ)


def most_threads(_: None) -> int:
    """The limit on threads of this account."""
    return resource.getrlimit(resource.RLIMIT_NPROC)[0]


def double_beside(number: int) -> int:
    """Double a number in another thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: number * 2).result()


def leak(size: int) -> int:
    """Keep so many bytes for good, as parsers that leak do."""
    _LEAKED.append(bytearray(size))
    return os.getpid()


def refuse(reason: str) -> None:
    """Fail in our own words."""
    raise InvalidError(reason)


def work(seconds: float) -> None:
    """Use the processor for so long."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def sleep(seconds: float) -> None:
    """Take time without using the processor."""
    time.sleep(seconds)


def spin(_: None) -> None:
    """Use the processor for ever."""
    while True:
        pass


def hoard(_: None) -> int:
    """Take more and more memory."""
    held = []
    while True:
        held.append(b"x" * 10_000_000)


def flood(size: int) -> bytes:
    """Answer with much."""
    return b"x" * size


def crash(_: None) -> None:
    """Break as a parser in C does."""
    ctypes.string_at(0)


def stumble(_: None) -> None:
    """Break as a parser in Python does."""
    raise ZeroDivisionError


def chatter(_: None) -> str:
    """Write where the answers would be, were the pipes not moved away."""
    os.write(1, b"x" * 100_000)
    sys.stdout.write("noise")
    return "done"


def connect(_: None) -> None:
    """Reach for the network."""
    socket.create_connection(("127.0.0.1", 80), 2).close()


def connect_below_python(_: None) -> int:
    """Make a socket as native code would; the error number, 0 when it worked."""
    library = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if library.socket(2, 1, 0) < 0 else 0


def run_program(_: None) -> None:
    """Start another program."""
    subprocess.run(["/bin/true"], check=True)


def fork_below_python(_: None) -> int:
    """Fork as native code would; the error number, 0 when it worked."""
    library = ctypes.CDLL(None, use_errno=True)
    child = library.fork()
    if child == 0:
        os._exit(0)
    return ctypes.get_errno() if child < 0 else 0


def read_file(path: str) -> bytes:
    """Read a file of ours."""
    return Path(path).read_bytes()


def write_file(path: str) -> None:
    """Write a file."""
    Path(path).write_bytes(b"x")


def write_below_python(path: str) -> int:
    """Make a file as native code would; the error number, 0 when it worked."""
    library = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if library.creat(path.encode(), 0o600) < 0 else 0
