"""The web interface: one page a file over the same services as every other face."""
