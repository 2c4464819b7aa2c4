"""`make bench`: every benchmark, one JSON line a measurement."""

from benchmarks import aggregation, dashboard, mail, register_import, summary

for benchmark in (aggregation, dashboard, register_import, mail, summary):
    benchmark.main([])
