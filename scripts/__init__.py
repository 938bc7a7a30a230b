"""What `make` runs besides the tools: setting up, pinning, and writing the generated docs."""
