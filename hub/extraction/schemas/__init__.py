"""Schemas: fields and rules, their documents, JSON Schema, the starters, and those of a workspace."""
