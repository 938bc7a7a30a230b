"""Chat commands and their carriers."""
