"""What mail services have in common: reading a raw mail, and putting one together."""
