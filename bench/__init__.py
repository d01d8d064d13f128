"""Benchmarks: each measures jiaoying against another program or a fixed limit, in one run."""
