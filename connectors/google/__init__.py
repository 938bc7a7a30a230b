"""Google: one connection for Drive, Sheets, Gmail and BigQuery, each a connector of its own."""
