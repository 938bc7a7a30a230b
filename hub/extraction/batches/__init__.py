"""Many files extracted at once: what was asked, how far it is, and the work itself."""
