"""What AI assistants meet; its hub ends with the last of these tests."""
