"""A car park."""
