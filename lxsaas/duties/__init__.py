"""What is owed to whom: the duty calendar and this week's list."""
