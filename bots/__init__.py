"""Chat: one grammar of commands, and the carriers that bring it to chat services."""
