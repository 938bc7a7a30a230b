"""Recipes drafted from plain words: understood, completed by questions, shown as steps, saved as a draft."""
