"""Confidence that keeps its word: curves from the scores of engines to the share of values that proved right."""
