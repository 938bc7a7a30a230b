"""Files that arrive at services, and files that go out to them."""
