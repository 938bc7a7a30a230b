"""The demo's sample documents, drawn by code."""
