"""Connections and what the connectors offer."""
