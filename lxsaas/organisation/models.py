"""The school's organisation: leading group (P1), plans and rules (P2), weekly class activities (P4)."""
