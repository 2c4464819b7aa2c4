"""What things cost, as ratios to a stated floor measured in the same run."""
