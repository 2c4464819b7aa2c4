"""Who saw and did what at a school: the log as the principal reads it, the yearly pack."""
