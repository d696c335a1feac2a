"""Text told from binary, and decoded so that it is written back byte for byte.

Nothing here knows of files or trees. Called by `worktree.py`.
"""

from __future__ import annotations

import codecs
import re

from git_draft.errors import ToolError
from git_draft.frozen import frozen

_BINARY_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@frozen
class TextFormat:
    """How a file's text is written as bytes."""

    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """Give the bytes of a text.

        Raises:
            ToolError: where the encoding lacks a character.
        """
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            bad, name = text[error.start], self.encoding.upper()
            raise ToolError(f"the file's encoding is {name}, which has no {bad!a}; leave it out") from None


def decode_text(data: bytes) -> tuple[str, TextFormat]:
    """Read text so that encoding it again gives the same bytes.

    UTF-8, UTF-16 with its mark, and else Latin-1, which has a character for every byte; a file with control characters
    that no text has is binary.

    Raises:
        ValueError: where it is binary.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding)
            if "\0" in text:
                raise ValueError("NUL in text")
            return text, TextFormat(encoding, bom)
    if b"\0" in data:
        raise ValueError("NUL in text")
    try:
        return data.decode(), TextFormat()
    except UnicodeDecodeError:
        if _BINARY_CONTROLS.search(data):
            raise
        return data.decode("latin-1"), TextFormat("latin-1")


def has_only_crlf(text: str) -> bool:
    """Tell whether a text has line endings, and all are CRLF."""
    return "\r\n" in text and text.count("\n") == text.count("\r\n")
