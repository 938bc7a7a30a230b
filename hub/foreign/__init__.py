"""Recipes out of what other tools export: n8n, Zapier, Node-RED."""
