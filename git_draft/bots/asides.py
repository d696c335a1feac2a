"""Fences without a path: edits whose file was forgotten, told from what is only shown.

Every round that a model is asked in vain is one of three: an example, a command or an output besides the edits is let
go. Where an answer has no edit at all, it may have been the only one, so less of it is. Called by `blocks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from git_draft.bots import naming
from git_draft.frozen import frozen

_SHOWS = re.compile(
    r"(?<![\w/.])(?:examples?|usage|use it|using|run|running|outputs?|prints?|call(?:ed|ing)?|test it|for instance|command|"
    r"original|before|currently|looked)(?![\w/]|\.\w)",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"\b(?:might|could|would|may|e\.g\.|such as|alternatively)(?!\w)", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:file|module|add(?:ed)?|chang(?:e|es|ed|ing)|creat(?:e|ed)|edit(?:ed)?|fix(?:ed)?|modif(?:y|ied)|new|"
    r"replac(?:e|ed|ing)|rewrit(?:e|ten)|updat(?:e|ed|ing))\b|\w\.[A-Za-z]",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"^\s*(?:(?:export|default|async|pub|public|private|protected|static|abstract|final)\s+)*"
    r"(?:def|class|enum|fn|func|function|impl|interface|struct|trait|type)\s+\w"
)


@frozen
class Aside:
    """A fence that was not read.

    Args:
        language: in lower case; empty where it says nothing.
        contents: its lines.
        words: the lines before it.
        is_first: whether the answer begins with it, so that no words call it an example.
    """

    language: str
    contents: Sequence[str]
    words: Sequence[str]
    is_first: bool

    def may_be_edit(self, *, has_edits: bool) -> bool:
        """Tell whether the model is to be asked for the file that it is meant for.

        Args:
            has_edits: whether the answer holds anything else that is an edit.
        """
        if self.language in naming.SHELLS or self.language in naming.OUTPUTS:
            return False
        is_shown = _SHOWS.search("\n".join(self.words)) is not None
        is_plain = self.language in naming.PLAIN
        if self.is_first or not has_edits:
            return not (is_plain and is_shown)
        return not is_plain and not is_shown and self._looks_like_edit()

    def _looks_like_edit(self) -> bool:
        """Tell whether words or contents look like those of a change, and not of a thought."""
        text = "\n".join(self.words)
        if _SUPPOSES.search(text):
            return False
        return not text.strip() or bool(_CHANGES.search(text)) or any(map(_DEFINES.match, self.contents))
