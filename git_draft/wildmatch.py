"""Patterns with wildcards as git itself reads them, in ignore files and in pathspecs, as regular expressions.

Globs of a model are `paths.py`'s, which takes what models write. Here `*` means what it means to git, byte for byte, for
what it decides is which files are withheld or may be written. Pure; called by `draftignore.py` and `pathspecs.py`.
"""

from __future__ import annotations

import re

NOTHING = re.compile(rb"(?!)")
"""What a pattern matches that git can't read."""

_CLASSES = {
    b"alnum": rb"A-Za-z0-9",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"\x21-\x7e",
    b"lower": rb"a-z",
    b"print": rb"\x20-\x7e",
    b"punct": rb"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    b"space": rb"\s",
    b"upper": rb"A-Z",
    b"xdigit": rb"A-Fa-f0-9",
}
_MEMBER = re.compile(rb"\[:(?P<class>\w*):\]|(?P<escaped>\\.)|(?P<plain>[^\\])", re.DOTALL)


def compile_wildcards(pattern: bytes, *, spans_folders: bool = False, ignores_case: bool = False) -> re.Pattern[bytes]:
    """Make a regular expression of a pattern, to be matched with all of a path.

    Args:
        pattern: as git reads it.
        spans_folders: whether ``*`` and the like match slashes; else only ``**`` between slashes does.
        ignores_case: whether upper and lower case are the same, of ASCII.
    """
    any_one = rb"." if spans_folders else rb"[^/]"
    regex, at = b"", 0
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            end = at + len(pattern[at:]) - len(pattern[at:].lstrip(b"*"))
            is_folders = end - at > 1 and not spans_folders and pattern[at - 1 : at] in {b"", b"/"}
            if is_folders and pattern[end : end + 1] == b"/":
                regex, at = regex + rb"(?:.*/)?", end + 1
            elif is_folders and end == len(pattern):
                regex, at = regex + rb".*", end
            else:
                regex, at = regex + any_one + rb"*", end
        elif char == b"?":
            regex, at = regex + any_one, at + 1
        elif char == b"[":
            members, at = _parse_members(pattern, at + 1)
            if members is None:
                return NOTHING
            regex += members if spans_folders else rb"(?!/)" + members
        elif char == b"\\":
            if at + 1 == len(pattern):
                return NOTHING
            regex, at = regex + re.escape(pattern[at + 1 : at + 2]), at + 2
        else:
            regex, at = regex + re.escape(char), at + 1
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignores_case else 0))


def has_wildcards(pattern: bytes) -> bool:
    """Tell whether git looks for wildcards in a pattern at all."""
    return re.search(rb"[*?\[\\]", pattern) is not None


def _parse_members(pattern: bytes, at: int) -> tuple[bytes | None, int]:
    """Read what follows a ``[``; give None where it does not end, or names a class that there is not."""
    is_negated = pattern[at : at + 1] in {b"!", b"^"}
    at += is_negated
    members, is_first = b"", True
    while is_first or pattern[at : at + 1] != b"]":
        match = _MEMBER.match(pattern, at)
        if match is None:
            return None, at
        is_first, at = False, match.end()
        if match["class"] is not None:
            if match["class"] not in _CLASSES:
                return None, at
            members += _CLASSES[match["class"]]
            continue
        low = high = match[0][-1:]
        if pattern[at : at + 1] == b"-" and pattern[at + 1 : at + 2] not in {b"", b"]"}:
            last = _MEMBER.match(pattern, at + 1)
            if last is None:
                return None, at
            if last["class"] is not None:  # git takes the bracket for the end of the range
                high, at = b"[", at + 2
            else:
                high, at = last[0][-1:], last.end()
        if low <= high:
            members += re.escape(low) + b"-" + re.escape(high)
    if not members:
        return (rb"[\x00-\xff]" if is_negated else rb"(?!)"), at + 1
    return b"[" + (b"^" if is_negated else b"") + members + b"]", at + 1
