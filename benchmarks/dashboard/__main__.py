"""`python -m benchmarks.dashboard`."""

from benchmarks.dashboard.command import main

main()
