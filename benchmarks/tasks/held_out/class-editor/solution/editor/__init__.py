"""A very small editor."""
