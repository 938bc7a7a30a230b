"""Zapier: the file of Zaps that an account exports."""

from hub.foreign.zapier.reading import DIALECT, read

__all__ = ["DIALECT", "read"]
