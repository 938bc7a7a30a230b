"""The published contract, held against a hub that ends with the last of these tests."""
