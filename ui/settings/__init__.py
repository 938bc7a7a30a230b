"""The workspace's settings by tab, and its audit log."""
