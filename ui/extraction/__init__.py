"""Documents beside their values: upload, one extraction, its history, batches, readings, accuracy."""
