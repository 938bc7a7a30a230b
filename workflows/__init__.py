"""What runs durably: one workflow a file, its payloads, and the thin activities it calls."""
