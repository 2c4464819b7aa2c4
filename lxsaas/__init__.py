"""School care for left-behind children, and the district's view of where it happens."""
