"""Pages of the web taken as files: asked for over the guarded client, or drawn by a browser behind a guarded proxy."""
