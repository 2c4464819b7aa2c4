"""The principal's first page: what is due, what went silent, the term on one page."""
