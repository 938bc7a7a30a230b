"""Whole jobs on a hub as users run it, which ends with the last of them."""
