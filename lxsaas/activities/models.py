"""What a school arranges: the children's home (P22), activities (P23), the parents' school (P25)."""
