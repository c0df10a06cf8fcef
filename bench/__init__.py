"""Benchmarks that anyone can run: `python -m bench NAME`. Each prints ratios within one run."""
