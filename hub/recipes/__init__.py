"""Recipes: what users build out of a trigger, steps and targets."""
