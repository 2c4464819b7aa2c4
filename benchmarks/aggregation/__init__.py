"""A night of a generated province: against floors, through workers, beside what others would have built."""

from benchmarks.aggregation.command import main

__all__ = ["main"]
