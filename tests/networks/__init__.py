"""Networks around a child: mandatory reports, contacts, referrals."""
