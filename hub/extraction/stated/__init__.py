"""Values that a file inside the source states: electronic invoices, schema.org, forms."""
