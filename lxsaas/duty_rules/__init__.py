"""The duty calendar: what is owed how often, by risk and season, set by district and school."""
