"""Freshworks: Freshdesk and Freshservice, which keep tickets in the same way under accounts of their own."""
