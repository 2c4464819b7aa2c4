"""The principal's first page."""
