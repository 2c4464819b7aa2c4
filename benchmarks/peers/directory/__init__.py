"""The shared schema: which schools there are."""
