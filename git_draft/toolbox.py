"""The tools that a model is offered: what they are called, what they take, and what a call does.

Names and arguments are fixed. A failed call gives a text that the model can act on, never an exception.
`read_file` gives lines without numbers, so that `old` of `edit_file` can be copied from it as it stands; numbers come
from `search`. What comes from files stands in a frame that it can't end (`framing.py`); what we say is outside.
Lines are shown with LF, and `edit_file` finds and keeps CRLF by itself. Which files may be touched is
decided in `worktree.py`. Called by `bots/loop.py`, and by any bot whose model calls tools.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from git_draft.errors import ToolError
from git_draft.events import ToolFailed
from git_draft.framing import frame_text
from git_draft.frozen import frozen
from git_draft.lines import cut_line, describe_nearest, find_elision, list_left_out_marks, split_lines, uses_crlf
from git_draft.protocols import MAX_HITS, Feedback, Worktree

MAX_RESULT_CHARS = 40_000
"""Longer results are cut, with a line that says how to get the rest."""

_LF, _ANY_LF = re.escape("\n"), "\r?\n"


@frozen
class ToolSchema:
    """A tool as it is offered.

    Args:
        parameters: the JSON schema of its arguments: an object of plain properties.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@frozen
class Finish:
    """What the model said when it ended the run."""

    title: str
    summary: str | None = None


class _Arguments(BaseModel):
    """The arguments of a tool; its docstring is what the model is told."""

    model_config = ConfigDict(extra="ignore")
    tool: ClassVar[str]


class _ListFiles(_Arguments):
    """List the files of the repository."""

    tool = "list_files"
    glob: str | None = Field(None, description="only paths that match, as in .gitignore: *.py, src/**, docs/*.md")


class _ReadFile(_Arguments):
    """Read a text file, or some of its lines."""

    tool = "read_file"
    path: str = Field(description="path from the top of the repository")
    start_line: int | None = Field(None, ge=1, description="first line to read, from 1")
    end_line: int | None = Field(None, ge=1, description="last line to read")


class _Search(_Arguments):
    """Find lines that match a regular expression, in all files."""

    tool = "search"
    pattern: str = Field(description="a Python regular expression, matched within lines")
    glob: str | None = Field(None, description="only files that match, as in .gitignore")


class _EditFile(_Arguments):
    """Replace a piece of a file. The old text must stand in the file exactly once: include lines around it."""

    tool = "edit_file"
    path: str = Field(description="path from the top of the repository")
    old: str = Field(description="the text to replace, copied exactly from the file")
    new: str = Field(description="the text to put in its place")


class _WriteFile(_Arguments):
    """Make a file, or replace all of it. For a change to part of a file use edit_file."""

    tool = "write_file"
    path: str = Field(description="path from the top of the repository")
    contents: str = Field(description="the whole contents")


class _DeleteFile(_Arguments):
    """Delete a file."""

    tool = "delete_file"
    path: str = Field(description="path from the top of the repository")


class _RenameFile(_Arguments):
    """Move or rename a file."""

    tool = "rename_file"
    src_path: str = Field(description="path of the file")
    dst_path: str = Field(description="its new path, where no file is yet")


class _AskUser(_Arguments):
    """Ask the user something that you can't find out and can't go on without."""

    tool = "ask_user"
    question: str = Field(description="one clear question", min_length=1)


class _Finish(_Arguments):
    """End the work when everything is done."""

    tool = "finish"
    title: str = Field(description="what was done, as the subject of a commit: at most 60 characters, imperative")
    summary: str | None = Field(None, description="what the user should know about the change")


_TOOLS: Mapping[str, type[_Arguments]] = {
    model.tool: model
    for model in (
        *(_ListFiles, _ReadFile, _Search, _EditFile, _WriteFile, _DeleteFile, _RenameFile, _AskUser, _Finish),
    )
}


def _format_schema(model: type[_Arguments]) -> ToolSchema:
    """Make a schema without references, titles or alternatives: small servers choke on them."""
    schema = model.model_json_schema()
    properties = {}
    for name, field in schema["properties"].items():
        kind = next((kind for kind in field.get("anyOf", ()) if kind["type"] != "null"), field)
        properties[name] = {"type": kind["type"], "description": field["description"]}
    parameters = {"type": "object", "properties": properties, "required": schema.get("required", [])}
    return ToolSchema(model.tool, schema["description"], parameters)


TOOLS: Sequence[ToolSchema] = tuple(_format_schema(model) for model in _TOOLS.values())
"""All tools, always in this order, so that a server can keep the prompt in its cache."""


class Toolbox:
    """The tools over one worktree, for one run.

    Args:
        worktree: what they act on.
        feedback: asked the model's questions, and told of failed calls.
        max_result_chars: longer results are cut.
    """

    def __init__(self, worktree: Worktree, feedback: Feedback, *, max_result_chars: int = MAX_RESULT_CHARS) -> None:
        self.max_result_chars = max_result_chars
        self._worktree = worktree
        self._feedback = feedback
        self._warned: set[str] = set()
        self.finish: Finish | None = None
        self.open_question: str | None = None

    async def call(self, name: str, arguments: Mapping[str, object]) -> str:
        """Do a call and give its result, or why it did nothing."""
        try:
            return await self._dispatch(_parse_arguments(name, arguments))
        except ToolError as error:
            return self.refuse(name, str(error))

    def refuse(self, name: str, reason: str) -> str:
        """Give the result of a call that does nothing, and tell the user of it."""
        self._feedback.emit(ToolFailed(tool=name, reason=reason))
        return f"error: {reason}"

    async def _dispatch(self, arguments: _Arguments) -> str:  # one for each tool
        match arguments:
            case _ListFiles():
                return self._list_files(arguments)
            case _ReadFile():
                return self._read_file(arguments)
            case _Search():
                return self._search(arguments)
            case _EditFile():
                return self._edit_file(arguments)
            case _WriteFile():
                return self._write_file(arguments)
            case _DeleteFile():
                self._worktree.delete_file(arguments.path)
                return f"deleted {arguments.path}"
            case _RenameFile():
                self._worktree.rename_file(arguments.src_path, arguments.dst_path)
                return f"renamed {arguments.src_path} to {arguments.dst_path}"
            case _AskUser():
                return await self._ask_user(arguments.question)
            case _Finish():
                self.finish = Finish(" ".join(arguments.title.split()), (arguments.summary or "").strip() or None)
                return "done"
        raise AssertionError(arguments)

    def _list_files(self, arguments: _ListFiles) -> str:
        paths = self._worktree.list_files(arguments.glob)
        return self._frame_lines("paths", paths, "use a narrower glob") or "no files"

    def _read_file(self, arguments: _ReadFile) -> str:
        lines = split_lines(self._worktree.read_file(arguments.path).replace("\r\n", "\n"))
        first, end = arguments.start_line or 1, min(arguments.end_line or len(lines), len(lines))
        if lines and first > end:
            raise ToolError(f"no such lines: {arguments.path} has {len(lines)}")
        shown, last = "", first - 1
        while last < end and len(shown) + len(lines[last]) <= self.max_result_chars:
            shown += lines[last]
            last += 1
        if not shown and last < end:  # a single line is longer than all that may be shown
            shown, last = lines[last][: self.max_result_chars] + "…\n", last + 1
        if first == 1 and last == len(lines):
            return frame_text("file", shown) if shown else "(the file is empty)"
        rest = f"; read on with start_line={last + 1}" if last < len(lines) else ""
        return f"{frame_text('file', shown)}\n[lines {first}-{last} of {len(lines)}{rest}]"

    def _search(self, arguments: _Search) -> str:
        found = self._worktree.search(arguments.pattern, arguments.glob)
        lines = [f"{path}:{number}:{cut_line(line.strip(chr(13)))}" for path, number, line in found]
        advice = "use a narrower pattern or glob"
        more = f"\n[stopped after {MAX_HITS} lines; {advice}]" if len(lines) >= MAX_HITS else ""
        return self._frame_lines("lines", lines, advice, more) or "nothing found"

    def _edit_file(self, arguments: _EditFile) -> str:
        path, old, new = arguments.path, arguments.old.replace("\r\n", "\n"), arguments.new.replace("\r\n", "\n")
        text = self._worktree.read_file(path)
        if not old:
            raise ToolError("old is empty; say which text to replace, or use write_file for the whole file")
        if old == new:
            raise ToolError("old and new are the same")
        spans = [match.span(1) for match in re.finditer(f"(?=({re.escape(old).replace(_LF, _ANY_LF)}))", text)]
        if not spans:
            said, _, near = describe_nearest(text, old).partition("\n")
            advice = "read the file again and copy the text exactly"
            advice += f". {said}\n{frame_text('lines', near)}" if near else ""
            raise ToolError(f"old is not in {path}; {advice}")
        if len(spans) > 1:
            numbers = ", ".join(str(text.count("\n", 0, start) + 1) for start, _ in spans[:10])
            raise ToolError(f"old is in {path} {len(spans)} times, at lines {numbers}; include more lines around it")
        start, end = spans[0]
        if uses_crlf(text[start:end], text):
            new = new.replace("\n", "\r\n")
        self._worktree.write_file(path, text[:start] + new + text[end:])
        return f"edited {path}"

    def _write_file(self, arguments: _WriteFile) -> str:
        path, contents = arguments.path, arguments.contents
        self._worktree.check_rewritable(path)
        mark = self._find_elision(path, contents)
        if mark and path not in self._warned:
            self._warned.add(path)
            raise ToolError(
                f"{path} would become shorter and has the line {cut_line(mark)!r}: write the whole contents, "
                "or use edit_file; if the line is really meant, send the call again"
            )
        self._worktree.write_file(path, contents)
        return f"wrote {path}"

    def _find_elision(self, path: str, contents: str) -> str | None:
        if not list_left_out_marks(contents):
            return None
        try:
            return find_elision(self._worktree.read_file(path), contents)
        except ToolError:
            return None

    def _frame_lines(self, name: str, lines: Sequence[object], advice: str, more: str = "") -> str:
        """Frame lines up to what a result may hold, with more to say where none is left out; give nothing for none."""
        size, shown = 0, list[str]()
        for line in map(str, lines):
            size += len(line) + 1
            if size > self.max_result_chars:
                framed = frame_text(name, "\n".join(shown))
                return f"{framed}\n[{len(shown)} of {len(lines)} lines shown; {advice}]"
            shown.append(line)
        return frame_text(name, "\n".join(shown)) + more if shown else ""

    async def _ask_user(self, question: str) -> str:
        answer = await self._feedback.ask(question)
        if answer is None:
            self.open_question = question
            return "Nobody can answer now. Go on without the answer as well as you can, then finish."
        return answer


def _parse_arguments(name: str, arguments: Mapping[str, object]) -> _Arguments:
    model = _TOOLS.get(name)
    if model is None:
        raise ToolError(f"there is no tool {name[:60]!r}; the tools are {', '.join(_TOOLS)}")
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        raise ToolError(f"bad arguments: {problems}; {name} takes {', '.join(model.model_fields)}") from None
