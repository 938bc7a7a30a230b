"""The command line: noun then verb, the result on stdout, everything else on stderr."""

from hub.cli.root import main

__all__ = ["main"]
