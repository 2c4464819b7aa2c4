"""A believable district, generated."""
