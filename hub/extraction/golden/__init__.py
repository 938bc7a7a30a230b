"""Golden sets: documents of a schema whose records are known, and what its versions must reach on them."""
