"""Tests assert behaviour, with the real database, in the application's own logins."""
