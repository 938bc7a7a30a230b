"""Where one source holds several records: pages of several documents, rows of a sheet, files in a mail."""
