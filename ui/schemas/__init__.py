"""The fields that are extracted: editor, versions, import, suggestions, golden sets."""
