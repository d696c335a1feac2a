"""Trams, and when they leave."""
