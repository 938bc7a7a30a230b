"""The guide in the product."""
