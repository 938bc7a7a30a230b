"""Tables inside the hub."""
