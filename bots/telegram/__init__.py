"""Telegram: messages in by polling or webhook, replies out, questions that are replaced once they are decided."""
