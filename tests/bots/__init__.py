"""Chat: the grammar as dialogs, and each carrier over a peer that checks what it is sent."""
