"""Trying a draft out, beside its steps: samples, tries, pins, and listening for an event."""
