"""Read the configuration."""

import json
from pathlib import Path


def load_config(path):
    """Read a JSON file of settings."""
    return json.loads(Path(path).read_text())


def merge_settings(first, second):
    """Put two sets of settings together; the second wins."""
    return {**first, **second}
