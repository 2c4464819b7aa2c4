"""Awards (P28): who is nominated with what evidence, what was decided, the certificate."""
