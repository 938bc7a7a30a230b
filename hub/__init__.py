"""Patchdeck: a self-hosted hub that carries things that arrive to where people need them."""
