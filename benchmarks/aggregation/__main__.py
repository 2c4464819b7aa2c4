"""`python -m benchmarks.aggregation`."""

from benchmarks.aggregation.command import main

if __name__ == "__main__":
    main()
