"""The Temporal engine behind recipes: client, worker, converters and the local server."""
