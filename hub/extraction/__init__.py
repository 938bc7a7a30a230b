"""Records out of sources: reading, schemas, engines, checks and the service that joins them."""
