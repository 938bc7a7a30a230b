"""The Linux kernel's own fences, by system call; each is best effort, as containers may withhold some."""

import ctypes
import os
import platform
import signal
import struct
from collections.abc import Sequence

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
CLONE_NEWNET, CLONE_NEWUSER, CLONE_NEWIPC = 0x40000000, 0x10000000, 0x08000000
CLONE_THREAD = 0x00010000
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
# All rights over files of Landlock's first version, and the two that reading needs.
FILE_RIGHTS, READ_FILE, READ_DIRECTORY = 0x1FFF, 0x4, 0x8
CLONE3 = 435
# The same number on every machine: signals and descriptors of other processes, io_uring.
EVERYWHERE = (424, 425, 434, 438)
# By machine: audit architecture, clone, and what is refused: sockets, processes, signals to others, tracing, mounts,
# namespaces, kernel keys, programs in the kernel.
CALLS = {
    "x86_64": (
        0xC000003E,
        56,
        (41, 42, 49, 50, 53, 57, 58, 59, 62, 101, 129, 165, 200, 248, 250, 272, 297, 298, 308, 310, 311, 321, 322, 323),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (198, 199, 200, 201, 203, 221, 129, 130, 117, 138, 40, 217, 219, 97, 240, 241, 268, 270, 271, 280, 281, 282),
    ),
}
LOAD, JUMP_EQUAL, JUMP_ABOVE, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, UNKNOWN = 0x7FFF0000, 0x00050001, 0x00050026

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this signal when the thread that started us ends."""
    _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def leave_network() -> bool:
    """Move into an empty network namespace."""
    return any(_libc.unshare(flags) == 0 for flags in (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC, CLONE_NEWNET))


def never_gain_rights() -> None:
    """Make set-user-id programs ordinary ones; the fences below ask for it."""
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def only_read(paths: Sequence[str]) -> bool:
    """Leave reading below these paths as the only thing to do with files (Landlock)."""
    attribute = struct.pack("Q", FILE_RIGHTS)
    rules = _libc.syscall(LANDLOCK_CREATE, attribute, len(attribute), 0)
    if rules < 0:
        return False
    for path in filter(os.path.exists, paths):
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rights = READ_FILE | READ_DIRECTORY if os.path.isdir(path) else READ_FILE  # noqa: PTH112 pathlib costs 20 ms here
        _libc.syscall(LANDLOCK_ADD, rules, 1, struct.pack("=Qi", rights, beneath), 0)
        os.close(beneath)
    restricted = bool(_libc.syscall(LANDLOCK_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return restricted


def forbid_calls() -> bool:
    """Refuse sockets, new processes and the like with 'not permitted' (seccomp)."""
    if platform.machine() not in CALLS:
        return False
    program = _program(*CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    return bool(_libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0) == 0)


def _program(architecture: int, clone: int, refused: Sequence[int]) -> bytes:
    """The filter: jumps count the instructions to pass over if true and if false."""
    numbers = (*refused, *EVERYWHERE)
    return b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (LOAD, 0, 0, 4),
            (JUMP_EQUAL, 1, 0, architecture),
            (RETURN, 0, 0, REFUSE),
            (LOAD, 0, 0, 0),
            # Numbers of the x32 interface would pass the list below.
            (JUMP_ABOVE, len(numbers) + 5, 0, 0x40000000),
            # Without clone3 the C library starts threads by clone, whose flags can be seen.
            (JUMP_EQUAL, len(numbers) + 5, 0, CLONE3),
            (JUMP_EQUAL, 0, 2, clone),
            (LOAD, 0, 0, 16),
            (JUMP_BITS, len(numbers), len(numbers) + 1, CLONE_THREAD),
            *((JUMP_EQUAL, len(numbers) - index, 0, number) for index, number in enumerate(numbers)),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, REFUSE),
            (RETURN, 0, 0, UNKNOWN),
        )
    )
