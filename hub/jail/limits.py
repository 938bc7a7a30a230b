"""What one call in the jail may use."""

import msgspec

MEGABYTE = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds on the clock and of CPU, bytes of address space and bytes of answer.

    Time for which a busy machine gives the child no processor is not counted: it is the last in the queue.
    """

    seconds: float = 30.0
    cpu_seconds: int = 30
    memory: int = 1024 * MEGABYTE
    output: int = 128 * MEGABYTE
