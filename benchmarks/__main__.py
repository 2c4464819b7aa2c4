"""`make bench`: every benchmark, one JSON line a measurement."""

from benchmarks import aggregation, dashboard, exports, mail, register_import

for benchmark in (aggregation, dashboard, register_import, mail, exports):
    benchmark.main([])
