"""Say how far a download is."""

from texts import format_bytes, format_seconds, progress_bar


def describe(name, part, whole, seconds):
    """Give a line about a download."""
    return f"{name} {progress_bar(part, whole)} {format_bytes(part)} in {format_seconds(seconds)}"
