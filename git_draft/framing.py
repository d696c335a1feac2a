"""Frames around text that comes from files, so that a model can tell it from what it is told.

The tag of a frame is one that the text does not close, so no file can pretend that its frame ends and something else
begins. Called by `toolbox.py` and `bots/`. Pure.
"""

from __future__ import annotations

from itertools import count


def frame_text(name: str, text: str) -> str:
    """Put a text between tags, on lines of their own.

    Args:
        name: of the tag; a number is added where the text could close it.
        text: what is framed.
    """
    folded = text.lower()
    tag = name if f"</{name}" not in folded else next(t for n in count(2) if f"</{(t := f'{name}-{n}')}" not in folded)
    return f"<{tag}>\n{text}{'' if text.endswith(chr(10)) else chr(10)}</{tag}>"
