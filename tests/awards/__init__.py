"""Awards: nominations, decisions, certificates."""
