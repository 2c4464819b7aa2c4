"""Confidential counselling (P16): letterbox, hours, cases and sessions under a key of their own."""
