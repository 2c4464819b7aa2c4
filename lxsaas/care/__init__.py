"""Care records: what was done for which child on which day."""
