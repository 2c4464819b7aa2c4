"""Support for single children: pairing, plans, conduct, must-visits (P9, P10, P14, P17-P21)."""
