"""Rules that a reviewer would repeat, read from the catalogue and the route map, so that news is covered."""
