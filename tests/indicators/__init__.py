"""Figures: exact, replaced, resumed, and small cells left out."""
