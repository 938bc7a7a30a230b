"""Outbound webhooks: who hears of what, and what was sent."""
