"""A source file in parts, for languages with braces: by how lines begin, and by brackets that balance.

No parser: strings and comments are passed over, and what does not balance is not read at all. `parts.py` says what a
part is; `fragments.py`, what is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from git_draft.bots.parts import Kind, Outline, Part, find_comments
from git_draft.frozen import frozen

_SCRIPTS = frozenset((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"))
_C_LIKE = frozenset((".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hxx", ".m", ".mm", ".cu"))
_OTHERS = frozenset(
    (".java", ".kt", ".kts", ".cs", ".scala", ".swift", ".go", ".rs", ".php", ".dart", ".zig", ".groovy")
)

_TYPE_FIRST = _C_LIKE | {".java", ".cs", ".dart", ".groovy"}

BRACE_SUFFIXES = _SCRIPTS | _C_LIKE | _OTHERS
"""Suffixes of the files that can be read here."""

_COMMENT = r"//[^\n]*|/\*.*?\*/"
_STRING = r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"'
_QUOTED = r"'(?:\\.|[^'\\\n])*'"
_TEMPLATE = r"`(?:\\.|[^`\\])*`"
_REST = r"[\w$]+|[ \t\r]+|."
_TOKENS = {
    "script": rf"{_COMMENT}|{_STRING}|{_QUOTED}|{_TEMPLATE}|{_REST}",
    "go": rf"{_COMMENT}|{_STRING}|'(?:\\.[^'\n]*|[^'\\\n])'|`[^`]*`|{_REST}",
    "rust": rf'{_COMMENT}|\bb?r(#*)".*?"\1|"(?:\\.|[^"\\])*"' + r"|'(?:\\[^'\n]+|[^'\\\n])'" + rf"|{_REST}",
    "php": rf"#(?!\[)[^\n]*|{_COMMENT}|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|{_REST}",
    "other": rf"{_COMMENT}|{_STRING}|{_QUOTED}|{_REST}",
}
_COMPILED = {name: re.compile(pattern, re.DOTALL) for name, pattern in _TOKENS.items()}
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_BEFORE_REGEX = re.compile(r"[(,=:\[!&|?{};+\-*%~^<>]|return|typeof|case|in|of|do|else|void|yield|await")
_HEAD_CHARS, _TEXT_CHARS = 400, 4000  # what is looked at of a line, and of a part
_PAIRS = {")": "(", "]": "[", "}": "{"}

_NAME = r"[A-Za-z_$][\w$]*"
_NAMES_IMPORTS = frozenset((".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".java", ".kt", ".php"))
_IMPORTED = re.compile(rf"(?<![\w$]){_NAME}(?![\w$]|\s*[.\\])")
_IMPORT_WORDS = frozenset(("import", "from", "as", "type", "typeof", "default", "static", "use", "function", "const"))
_IMPORT = re.compile(r"(?:import|package|using|use|from)\b(?!\()|#\s*include\b")
_GO_METHOD = re.compile(rf"func\s+\(\s*(?:\w+\s+)?\*?({_NAME})[^)]*\)\s*({_NAME})")
_IMPL = re.compile(r"(?:unsafe\s+)?(?:impl\b|extension\b)[^{]*")
_KEYWORDS = "class|interface|struct|enum|trait|union|namespace|record|protocol|mod|macro_rules!"
_WORDS = r"(?:(?:@[\w.]+(?:\([^()\n]*\))?|pub\([^()\n]*\)|extern\s+\"[^\"\n]*\"|[\w]+)\s+)*?"
_TYPE = re.compile(rf"{_WORDS}(?:{_KEYWORDS})\s+({_NAME})(?=[^;=]*(?:\{{|$))")
_FUNCTION = re.compile(rf"{_WORDS}(?:function|func|fun|fn|def)\b\s*\*?\s*&?(?:<[^()\n]*>\s*)?({_NAME})\s*[(<\[]")
_ALIAS = re.compile(rf"(?:export\s+|declare\s+|pub(?:\([^)]*\))?\s+)*type\s+({_NAME})\b")
_CONSTANT = re.compile(
    rf"(?:export\s+|declare\s+|pub(?:\([^)]*\))?\s+)*(?:const|let|var|val|static(?=[^=]*:))\s+(?:mut\s+)?({_NAME})\s*[:=;\s]"
)
_EXPORTS = re.compile(rf"(?:module\.)?exports(?:\.({_NAME}))?\s*=(?!=)")
_DEFINE = re.compile(rf"#\s*define\s+({_NAME})")
_CALL_LIKE = re.compile(rf"(?P<before>(?:[\w$<>\[\],.?*&:~@#]+[ \t]+)*)[*&~#]*(?P<name>(?:{_NAME}::)?~?{_NAME})\s*\(")
_CONTROL = frozenset(
    ("if", "for", "while", "switch", "catch", "return", "else", "do", "new", "throw", "await", "function", "super")
)
_FIELD = re.compile(rf"(?:[\w$<>\[\],.?@]+\s+)*#?({_NAME})\s*(?:[:?!][^=(){{}}]*)?(?:=(?!=|>)|;)")
_GOES_ON = re.compile(r"(?:[-+*/%=<>&|?:,(\[{.\\^~!]|=>|\b(?:extends|implements|return))\s*$")
_CONTINUES = re.compile(r"\s*(?:[.?:+*/&|=)\]},]|-(?!-)|\{)")
_TYPE_ONLY = re.compile(r"\w[\w \t]*[\w*&]")
_ATTRIBUTE = re.compile(r"\s*(?:@\w[\w.]*(?:\(.*\))?|#!?\[.*\]|\[\[?.*\]\]?|template\s*<.*>)\s*$")
_COMMENT_LINE = re.compile(r"\s*(?://|/\*|\*)")


@frozen
class _Scan:
    """What brackets are open where a line begins.

    Args:
        depths: for each line, and one for the end; -1 within a comment or a string.
    """

    lines: Sequence[str]
    depths: Sequence[int]
    suffix: str


def outline_braces(text: str, suffix: str) -> Outline | None:
    """Read a file, or methods without their class; None where its brackets do not balance."""
    text = text.replace("\r\n", "\n")
    depths = _measure_depths(text, suffix)
    if depths is None:
        return None
    scan = _Scan(tuple(text.split("\n")), depths, suffix)
    parts = tuple(_iter_parts(scan, 0, len(scan.lines), 0, in_class=False))
    filled = [line for line in scan.lines if line.strip() and not _COMMENT_LINE.match(line)]
    is_indented = bool(filled) and all(line[0] in " \t" for line in filled)
    header_end = next((part.first for part in parts), len(scan.lines))
    return Outline(tuple(scan.lines), parts, 1, is_indented=is_indented, header_end=header_end)


def _measure_depths(text: str, suffix: str) -> list[int] | None:
    family = "script" if suffix in _SCRIPTS else {".go": "go", ".rs": "rust", ".php": "php"}.get(suffix, "other")
    tokens = _COMPILED[family]
    depths, stack, before, at = [0], list[str](), "", 0
    while match := tokens.match(text, at):
        piece = match[0]
        if piece == "/" and family == "script" and (not before or _BEFORE_REGEX.fullmatch(before)):
            piece = regex[0] if (regex := _REGEX.match(text, at)) else piece
        at += len(piece)
        if piece == "\n":
            depths.append(len(stack))
        elif piece in _PAIRS:
            if not stack or stack.pop() != _PAIRS[piece]:
                return None
        elif piece in "([{":
            stack.append(piece)
        elif "\n" in piece:
            depths += [-1] * piece.count("\n")
        if not piece.isspace() and not piece.startswith(("//", "/*")):
            before = piece
    return None if stack else [*depths, 0]


def list_imported(statement: str, suffix: str) -> frozenset[str] | None:
    """Give the names that an import binds; None where it does not tell, as an `#include` doesn't, nor a package line."""
    if suffix not in _NAMES_IMPORTS or not statement.startswith(("import", "use")):
        return None
    names = frozenset(_IMPORTED.findall(re.sub(_QUOTED + "|" + _STRING, "", statement))) - _IMPORT_WORDS
    return names if names and not statement.rstrip("; ").endswith("*") else None


# Parts


def _iter_parts(scan: _Scan, low: int, high: int, depth: int, *, in_class: bool) -> Iterator[Part]:
    """Go over the parts in some lines at a depth of brackets."""
    at = low
    floor = low
    while at < high:
        line = scan.lines[at]
        if scan.depths[at] != depth or not line.strip() or _is_comment(scan, at):
            at += 1
            continue
        start = at
        while at + 1 < high and _ATTRIBUTE.match(scan.lines[at][:_HEAD_CHARS]) and scan.depths[at + 1] == depth:
            at += 1
        end = _find_end(scan, at, high, depth)
        head = next((line for line in scan.lines[at:end] if not _is_type_only(scan, line)), scan.lines[at])
        yield _make_part(scan, head, range(start, end), (floor, at, depth), in_class=in_class)
        floor = at = end


def _is_comment(scan: _Scan, at: int) -> bool:
    """Tell whether a line is nothing but a comment, to its end or over several lines."""
    line = scan.lines[at].strip()
    return (
        line.startswith("//")
        or (line.startswith("/*") and (line.endswith("*/") or "*/" not in line))
        or (scan.suffix == ".php" and line.startswith(("<?php", "#")))
    )


def _is_type_only(scan: _Scan, line: str) -> bool:
    """Tell whether a line holds only the type of the function on the next one, as is usual in C."""
    return scan.suffix in _C_LIKE and _TYPE_ONLY.fullmatch(line) is not None


def _find_end(scan: _Scan, at: int, high: int, depth: int) -> int:
    """Find the line after a statement that begins at a line."""
    indent = len(scan.lines[at]) - len(scan.lines[at].lstrip())
    index = at + 1
    if scan.suffix in _C_LIKE and scan.lines[at].startswith("#"):
        while index < high and scan.lines[index - 1].endswith("\\"):
            index += 1
        return index
    while index < high:
        if scan.depths[index] == depth:
            before, line = _strip_comment(scan.lines[index - 1]), scan.lines[index]
            if before.endswith((";", "}")) and not _CONTINUES.match(line):
                break
            if before.endswith(";") or not line.strip():
                break
            if _is_type_only(scan, before):
                index += 1
                continue
            further = len(line) - len(line.lstrip()) > indent
            if not (_GOES_ON.search(before) or _CONTINUES.match(line) or further):
                break
        index += 1
    return index


def _make_part(scan: _Scan, head: str, span: range, place: tuple[int, int, int], *, in_class: bool) -> Part:
    floor, at, depth = place
    text = "\n".join(scan.lines[at : span.stop])
    head = head.strip()[:_HEAD_CHARS]
    kind, name = _describe(scan.suffix, head, text, in_class=in_class)
    members: tuple[Part, ...] = ()
    body = next((index for index in range(at + 1, span.stop) if scan.depths[index] > depth), 0)
    if kind == "definition" and body and scan.depths[body] == depth + 1 and _has_members(head):
        members = tuple(_iter_parts(scan, body, span.stop - 1, depth + 1, in_class=True))
    line = scan.lines[span.start]
    first = span.start if kind == "import" else find_comments(scan.lines, span.start, floor, ("//", "/*", "*"))
    return Part(
        kind=kind,
        name=name,
        first=first,
        start=span.start,
        code=at,
        end=span.stop,
        indent=line[: len(line) - len(line.lstrip())],
        members=members,
        body=members[0].first if members else 0,
        is_member=in_class,
        is_method=kind == "definition" and (in_class or not _FUNCTION.match(head)),
    )


def _has_members(head: str) -> bool:
    return bool(_TYPE.match(head) or _IMPL.match(head)) and not head.startswith(("enum", "struct", "type"))


def _describe(suffix: str, head: str, text: str, *, in_class: bool) -> tuple[Kind, str]:
    """Give the kind of a part, and the name it is found by."""
    head, words = head[:_HEAD_CHARS], " ".join(text[:_TEXT_CHARS].split())
    if _IMPORT.match(head) and not in_class:
        return "import", words
    name = _find_block_name(suffix, head) or _find_match(head, _FUNCTION, _TYPE, _ALIAS)
    if name:
        return "definition", name
    if exports := _EXPORTS.match(head):
        return "constant", f"exports {exports[1] or ''}".strip()
    if name := _find_match(head, _DEFINE, *([_CONSTANT] * (suffix not in _TYPE_FIRST))):
        return "constant", name
    if (call := _CALL_LIKE.match(head)) and _is_function(call, text[text.index(head) :][:_TEXT_CHARS]):
        return "definition", call["name"]
    if (in_class or suffix in _TYPE_FIRST) and (name := _find_match(head, _FIELD)):
        return "constant", name
    return "other", head if "\n" in text else words


def _find_match(head: str, *patterns: re.Pattern[str]) -> str | None:
    return next((match[1] for pattern in patterns if (match := pattern.match(head))), None)


def _find_block_name(suffix: str, head: str) -> str | None:
    """Find what a Go method, or a block for a type, is found by."""
    if suffix == ".go" and (method := _GO_METHOD.match(head)):
        return f"{method[1]}.{method[2]}"
    block = _IMPL.match(head) if suffix in {".rs", ".swift"} else None
    return " ".join(block[0].split()) if block else None


def _is_function(call: re.Match[str], text: str) -> bool:
    """Tell a function from a call: behind what it takes stands its body."""
    if call["name"] in _CONTROL or _CONTROL & set(call["before"].split()):
        return False
    depth = 0
    for match in re.finditer(r"[()]", text[call.end() - 1 :]):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return re.match(r"[^;=(){}]*\{", text[call.end() - 1 + match.end() :]) is not None
    return False


def _strip_comment(line: str) -> str:
    code, mark, _ = line.partition("//")
    return (line if mark and re.search("[\"'`]", code) else code).rstrip()
