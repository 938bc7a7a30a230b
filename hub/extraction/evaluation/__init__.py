"""How good extraction is: records compared with what was expected."""
