"""The growth portfolio (P7): exams, entries, the child's timeline, the file handed over."""
