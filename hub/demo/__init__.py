"""The demo: a workspace whose recipes carry the sample documents from a folder into tables and workbooks."""
