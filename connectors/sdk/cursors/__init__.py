"""How triggers know what is new: by time, by what was seen, by a column."""
