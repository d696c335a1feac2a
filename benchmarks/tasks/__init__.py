"""The task benchmark: small tasks with hidden checks, run through the real program; see benchmarks/README.md."""
