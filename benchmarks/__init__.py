"""Measurements of git-draft as a whole; not part of the program, and not of its tests."""
