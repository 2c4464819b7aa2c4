"""Definitions, nightly aggregation, rollup and the run ledger."""
