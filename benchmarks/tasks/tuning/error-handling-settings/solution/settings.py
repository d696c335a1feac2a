"""Settings of the program, kept in a JSON file."""

import json

DEFAULTS = {"theme": "light", "font_size": 12}


class SettingsError(Exception):
    """The settings can't be used."""


def load_settings(path):
    """Read the settings; what the file does not say is as in DEFAULTS."""
    try:
        with open(path, encoding="utf-8") as file:
            return {**DEFAULTS, **json.load(file)}
    except FileNotFoundError:
        return dict(DEFAULTS)
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error


def save_settings(path, settings):
    """Write the settings, leaving out what is as in DEFAULTS."""
    own = {key: value for key, value in settings.items() if DEFAULTS.get(key) != value}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(own, file, indent=2)
