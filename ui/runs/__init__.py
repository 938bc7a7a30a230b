"""What recipes did: runs, their items, what was written, what failed for good."""
