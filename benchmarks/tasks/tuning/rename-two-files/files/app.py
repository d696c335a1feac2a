"""Show the settings in use."""

import sys

from config import load_cfg, merge_settings

DEFAULTS = {"color": "blue", "size": 10}


def settings_for(path=None):
    """Give the settings of a file on top of the defaults."""
    if path is None:
        return dict(DEFAULTS)
    return merge_settings(DEFAULTS, load_cfg(path))


def main(argv):
    """Print each setting on a line."""
    for name, value in sorted(settings_for(*argv).items()):
        print(f"{name}={value}")


if __name__ == "__main__":
    main(sys.argv[1:])
