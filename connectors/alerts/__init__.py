"""Alerts of monitoring systems, each told in the same words."""
