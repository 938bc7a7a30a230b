"""Recordings read as transcripts: decoded in the jail, heard by an engine, kept as text with seconds."""
