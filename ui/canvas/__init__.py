"""A recipe as a drawing that is changed by hand."""
