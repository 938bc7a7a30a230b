"""The engine over real parts; a package, so that its hub ends with its last test."""
