"""Where this program keeps what belongs to no repository. Called by whoever writes there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def find_state_folder(env: Mapping[str, str]) -> Path:
    """Give the folder for logs, whether it is there or not."""
    state = Path(env.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():  # the standard says to ignore those
        state = Path("~/.local/state").expanduser()
    return state / "git-draft"
