"""The tables that every school's schema holds."""
