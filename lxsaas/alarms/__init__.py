"""Alarms of a district: rules over what it is shown, raised once, closed when they no longer hold."""
