"""The local engine: labels, tables, parties and prose, without any model."""
