"""The year of each homeroom teacher (P3): duties met and children's progress, by a formula all can see."""
