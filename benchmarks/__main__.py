"""`make bench`: every benchmark, one JSON line a measurement."""

from benchmarks import aggregation, dashboard, exports, mail, register_import, summary

for benchmark in (aggregation, dashboard, register_import, mail, exports, summary):
    benchmark.main([])
