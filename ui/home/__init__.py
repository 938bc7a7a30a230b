"""Home: what needs a person, what ran, how much came through; and the first-run tour."""
