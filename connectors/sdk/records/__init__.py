"""Records on their way out: entries of business services, rows of databases, and rows as files."""
