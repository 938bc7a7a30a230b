"""Recipes as lists and texts: the overview, one recipe, its editor, its steps' settings, its versions."""
