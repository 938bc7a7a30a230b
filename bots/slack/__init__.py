"""Slack: events by HTTP or Socket Mode, replies as Block Kit, forms, the App Home, and questions that are replaced."""
