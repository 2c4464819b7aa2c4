"""The archive: pupils, guardians, absences, left-behind spells, register import."""
