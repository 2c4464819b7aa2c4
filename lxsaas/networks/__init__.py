"""Networks around a child (P27): contacts, referrals, and the mandatory report of suspected harm."""
