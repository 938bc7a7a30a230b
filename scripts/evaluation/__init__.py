"""The evaluation set: documents of many makers, drawn from seeds, with the records they hold."""
