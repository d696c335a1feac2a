"""A request and its answer that a model is shown before the real ones, as an earlier turn of the conversation.

A small model copies what it sees: after an answer that changes a file it changes one, while a description of the form
with words for the contents makes it write these words. The example is in the very form of the real turns.
"""

from __future__ import annotations

from git_draft.bots.edits import WholeFile
from git_draft.context import Context, ContextFile

REQUEST = "greet should write Hello with a capital letter, and raise TypeError if the name is no text."
"""Two wishes: models tend to do the first only. Neither is one that is asked for often: it would be done unasked."""

_BEFORE = '''"""Says hello."""


def greet(name):
    """Give the words for somebody."""
    return "hello " + name


def shout(name):
    """Give the words in capital letters."""
    return greet(name).upper()
'''
_AFTER = _BEFORE.replace(
    '    return "hello " + name',
    '    if not isinstance(name, str):\n        raise TypeError("the name is no text")\n    return "Hello " + name',
)
_CALLER = 'from hello import greet\n\nprint(greet("Ann"))\n'

CONTEXT = Context((ContextFile("hello.py", _BEFORE, named=True), ContextFile("main.py", _CALLER, named=False)), (), 0)
"""The files of the example; one of them needs no change, so that leaving it out is shown too."""

ANSWER = (WholeFile("hello.py", _AFTER),)
"""The edits of the answer."""

_LINES = frozenset(line.strip() for text in (_BEFORE, _AFTER, _CALLER) for line in text.split("\n") if line.strip())


def is_copy(path: str, contents: str) -> bool:
    """Tell whether a new file is one of the example, which a model takes for the repository's."""
    lines = [line.strip() for line in contents.split("\n") if line.strip()]
    return any(file.path == path for file in CONTEXT.files) and 2 * sum(line in _LINES for line in lines) > len(lines)
