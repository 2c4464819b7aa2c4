"""Word documents: laid out once as a template, filled with plain values; same input, same bytes."""
