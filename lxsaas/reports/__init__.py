"""Subscriptions, the outbox and the emails."""
