"""Contents that a model gives for a file that exists: all of it, or only the definitions that it changed?

Small models write only the function they changed where the whole file was asked for. What is made of definitions takes
the place of those of the same name, and never becomes the whole file; in doubt it is refused with a reason. Files are
read into parts by `outlines.py`. Pure functions over texts; called by `patching.py`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from git_draft.bots.braces import list_imported
from git_draft.bots.intents import allows_shrinking, asks_for_unused, list_going
from git_draft.bots.outlines import can_be_read, is_python, outline, read_outline
from git_draft.bots.parts import Outline, list_words
from git_draft.bots.splicing import (
    explain_refusal,
    iter_missing,
    iter_names,
    lacks_statements,
    splice,
)
from git_draft.bots.wholes import complete, is_rewrite
from git_draft.definitions import find_names
from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.lines import is_left_out_mark

_MAX_COMPARED = 1000  # lines of both; equal ones take the square of that


@frozen
class Fitted:
    """Contents as they are to be written.

    Args:
        is_merged: whether they are the old ones with some definitions replaced.
    """

    contents: str
    is_merged: bool


def fit_contents(path: str, old: str, new: str, prompt: str, warned: set[str]) -> Fitted:
    """Decide what new contents mean for a file, all of it or some definitions, and give what is to be written.

    Args:
        path: the file.
        old: its contents now.
        new: what the model wrote.
        prompt: what the user asked for, which may justify that definitions go.
        warned: what was refused once and is done when it comes again; added to.

    Raises:
        ToolError: where neither would be safe.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if not old.strip():
        return Fitted(new, is_merged=False)
    outlines = _read_outlines(path, old, new, warned)
    if outlines is not None:
        return _Fitting(path, *outlines, prompt, warned).fit(new)
    missing = find_names(old, suffix) - find_names(new, suffix)
    if suffix and (gone := missing - list_going(prompt, missing)):
        raise ToolError(explain_refusal(path, gone))
    return Fitted(new, is_merged=False)


def check_shrinking(path: str, old: str, new: str, prompt: str, warned: set[str]) -> None:
    """Refuse once what looks like a piece of a file that can't be read into parts, or loses most of a file's lines.

    Raises:
        ToolError: where the prompt has no word for that.
    """
    key = f"{path}\0shrinking"
    if key in warned or path in warned:  # its path stands for a mark of lines left out
        return
    suffix = PurePosixPath(path).suffix.lower()
    has_names = bool(find_names(old, suffix))
    before, after = old.count("\n") + 1, new.count("\n") + 1
    if lost := _list_lost_keys(suffix, old, new, prompt):
        reason = f"{path} would lose {', '.join(lost[:6])}" + (", …" if len(lost) > 6 else "")
    elif allows_shrinking(prompt):
        return
    elif before > (30 if has_names else 5) and after * 2 < before:
        reason = f"{path} would shrink from {before} to {after} lines"
    elif not (has_names and can_be_read(path)) and _is_excerpt(old, new):
        reason = f"what you wrote for {path} looks like a piece of it"
    else:
        return
    warned.add(key)
    raise ToolError(
        f"{reason}; write the complete file, or a search/replace block for what changes; if it is really meant to be so "
        "short, write it again"
    )


def _is_excerpt(old: str, new: str) -> bool:
    """Tell whether a text is one piece of another, with few lines of it changed and many left out above or below."""
    before, after = ([line.rstrip() for line in text.split("\n") if line.strip()] for text in (old, new))
    if len(before) + len(after) > _MAX_COMPARED:
        return False
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    codes = matcher.get_opcodes()
    if 2 * sum(block.size for block in matcher.get_matching_blocks()) < max(1, len(after)):
        return False
    outside = [max(0, (i2 - i1) - (j2 - j1)) for tag, i1, i2, j1, j2 in (codes[0], codes[-1]) if tag != "equal"]
    inside = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in codes[1:-1] if tag != "equal")
    return sum(outside) >= max(2, len(before) // 6) and inside * 3 <= len(after)


def _list_lost_keys(suffix: str, old: str, new: str, prompt: str) -> list[str]:
    """List the keys at the top of a data file that are gone and that the prompt does not name."""
    loaders: dict[str, Callable[[str], object]] = {".json": json.loads, ".toml": tomllib.loads}
    load = loaders.get(suffix)
    if load is None:
        return []
    try:
        before, after = load(old), load(new)
    except (ValueError, RecursionError):
        return []  # `checks.py` looks at that
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    asked = prompt.lower()
    return [key for key in before if key not in after and key.lower() not in asked]


def _read_outlines(path: str, old: str, new: str, warned: set[str]) -> tuple[Outline, Outline] | None:
    """Read both into parts; None where that can't be done."""
    before = read_outline(path, old)
    if before is None:
        return None
    try:
        after = outline(path, new)
    except ValueError as error:
        key = f"{path}\0syntax"
        if key in warned:
            return None  # perhaps a newer Python than this one
        warned.add(key)
        raise ToolError(f"the new contents of {path} are no valid Python: {error}; write it again") from None
    return (before, after) if after else None


@dataclass(slots=True)
class _Fitting:
    """One file and what a model wrote for it."""

    path: str
    old: Outline
    new: Outline
    prompt: str
    warned: set[str]
    renamed: dict[str, str] = field(default_factory=dict)

    def fit(self, text: str) -> Fitted:
        """Decide, and do it."""
        gone = self._list_gone()
        is_whole = not self._looks_partial()
        if is_whole and gone and is_rewrite(self.path, self.old, self.new, gone, self.prompt):
            self._ask_about(gone)
            gone = set()
        if is_whole and not gone:
            return Fitted(complete(self.path, self.old, self.new, text, self.prompt), is_merged=False)
        contents = splice(self.path, self.old, self.new, self.prompt, renamed=self.renamed, gone=gone)
        self._check(contents, gone)
        return Fitted(contents, is_merged=True)

    def _ask_about(self, gone: Collection[str]) -> None:
        """Let a model say twice that names go that nobody asked to remove, though nothing seems to need them."""
        key = f"{self.path}\0gone"
        if key not in self.warned:
            self.warned.add(key)
            raise ToolError(
                f"{self.path} would lose {', '.join(sorted(gone)[:6])}; write the complete file, or a search/replace block "
                "for what changes; if that is meant to go, write the same again"
            )

    # What is missing

    def _list_gone(self) -> set[str]:
        """List the names that the new contents lack and that nobody asked to remove."""
        missing = set(iter_missing(self.old.parts, self.new.parts))
        if not missing:
            return set()
        going = list_going(self.prompt, missing)
        used = list_words(self.new, "definition", "constant", "other") - list_words(self.new, "import")
        if asks_for_unused(self.prompt):
            kept = len(set(iter_names(self.old.parts))) - len(missing)
            going |= missing if kept >= len(missing) else set()
        going = {name for name in going if name.rpartition(".")[2] not in used}
        self._pair_renamed(going)
        return missing - going

    def _pair_renamed(self, going: Collection[str]) -> None:
        """Note a definition that got a new name: then it takes the place of the old one."""
        names = set(iter_names(self.old.parts))
        asked = set(re.findall(r"[\w$]+", self.prompt))
        fresh = [name for name in iter_names(self.new.parts) if name not in names and name in asked]
        if len(going) == 1 and len(fresh) == 1:
            self.renamed[fresh[0]] = next(iter(going))

    def _looks_partial(self) -> bool:
        """Tell whether more than names says that this is not all of the file."""
        old, new = (any(p.kind == "other" and p.name != "docstring" for p in o.parts) for o in (self.old, self.new))
        if old and not new and not allows_shrinking(self.prompt):
            return True
        if self._forgets_imports() or self._forgets_statements():
            return True
        return any(is_left_out_mark(line) and line not in self.old.lines for line in self._iter_between())

    def _forgets_imports(self) -> bool:
        """Tell whether imports are missing in a language with braces; Python's come back where they are needed.

        What uses the names of a missing import is a fragment. Of imports that bind no names, as an `#include` does, it
        shows only where none is left at all.
        """
        if is_python(self.path):
            return False
        suffix = PurePosixPath(self.path).suffix.lower()
        old, new = ([part.name for part in each.parts if part.kind == "import"] for each in (self.old, self.new))
        used = list_words(self.new, "definition", "constant", "other", no_attributes=True)
        used -= list_words(self.new, "import")
        bound = [list_imported(name, suffix) for name in old if name not in new]
        if any(names & used for names in bound if names):
            return True
        asked = re.search(r"import|includ|requir|depend|packag|using", self.prompt, re.IGNORECASE)
        return None in bound and not new and not (asked and allows_shrinking(self.prompt))

    def _forgets_statements(self) -> bool:
        """Tell whether a class is there without its docstring or its statements."""
        classes = {part.name: part for part in self.new.parts if part.members}
        return any(
            lacks_statements(part, classes[part.name], self.prompt) for part in self.old.parts if part.name in classes
        )

    def _iter_between(self) -> Iterator[str]:
        """Go over the lines of the new contents that are in no part."""
        end = 0
        for part in self.new.parts:
            yield from self.new.lines[end : part.first]
            end = part.end
        yield from self.new.lines[end:]

    # What came out

    def _check(self, contents: str, gone: Collection[str]) -> None:
        """See that what came out is whole: it can be read, and no name is missing that was not to go."""
        merged = read_outline(self.path, contents)
        names = set(iter_names(self.old.parts)) - set(self.renamed.values())
        if merged is None or (names - list_going(self.prompt, names)) - set(iter_names(merged.parts)):
            raise ToolError(explain_refusal(self.path, gone))
