"""The pages in a real browser; its hub ends with the last of them."""
