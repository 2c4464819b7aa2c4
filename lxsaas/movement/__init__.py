"""Who comes and goes: surveys, absences, moving up, handover and transfer (P6)."""
