"""Numbered steps of the database schema, run in order by Piccolo."""
