"""Term filing (P29): the statistics table drafted from the archive, signed, frozen, judged."""
