"""Threads between a district and one of its schools: notes, requests, difficulties."""
