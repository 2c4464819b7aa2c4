"""The child's file (P5, P36): the five things known, cards, entrustment, consent, rights."""
