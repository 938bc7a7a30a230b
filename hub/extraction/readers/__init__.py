"""One reader for each kind of source; `read` picks it by content."""
