"""What the operator watches: nights, units, mail; an alarm when a night is late."""
