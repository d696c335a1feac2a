"""A cinema."""
