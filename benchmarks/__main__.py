"""`make bench`: every benchmark, one JSON line a measurement."""

from benchmarks import aggregation, dashboard, register_import

for benchmark in (aggregation, dashboard, register_import):
    benchmark.main([])
