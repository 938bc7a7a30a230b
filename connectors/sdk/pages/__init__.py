"""Web pages read with manners: robots.txt, pauses, and a browser where scripts draw."""
