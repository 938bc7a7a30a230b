"""Vendors' own descriptions of their services, cut down to the operations that peers play, each with its source."""
