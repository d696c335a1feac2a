"""The path that a line, an info string or a comment names, in the many ways in which models write it.

Nothing here knows of fences (`fences.py`) or of what becomes of a path (`patching.py`). Called by `blocks.py`, and by
`patching.py` for the comment that names the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


_EXTENSIONS = _split(
    "adoc astro bash bat bib c cc cfg cjs clj cmake cmd conf cpp cs cshtml css csv cts cu cxx dart diff ejs el elm env erb"
    " erl ex exs f90 fish fs fsx gemspec go gql gradle graphql groovy h haml hbs hcl hpp hrl hs htm html hxx ini ipynb"
    " java jl js json json5 jsonc jsonl jsx kt kts less lisp liquid lock log lua m make md mdx mjs mk ml mli mm mts"
    " nim nix njk patch php pl pm po proto ps1 pug puml py pyi pyx r rake rb rkt rs rst sass sbt scala scm scss sh sol"
    " sql sty sv svelte svg swift tcl tex tf tfvars thrift tmpl toml tpl ts tsv tsx twig txt v vb vhd vim vue wat xhtml"
    " xml xsd xsl yaml yml zig zsh gitignore gitattributes dockerignore editorconfig"
)
_PLAIN_NAMES = _split(
    "Makefile Dockerfile LICENSE Gemfile Rakefile Procfile Jenkinsfile Vagrantfile Brewfile Justfile justfile"
    " Containerfile CODEOWNERS README CHANGELOG AUTHORS NOTICE VERSION"
)
_PRODUCTS = _split("node.js vue.js next.js express.js react.js d3.js three.js nuxt.js ember.js backbone.js")

_LANGUAGES = {
    "python": "py pyi pyx", "py": "py pyi", "python3": "py", "javascript": "js mjs cjs jsx", "js": "js mjs cjs jsx",
    "jsx": "jsx js", "typescript": "ts tsx mts cts", "ts": "ts tsx mts cts", "tsx": "tsx ts", "node": "js mjs cjs",
    "markdown": "md mdx markdown", "yaml": "yml yaml", "yml": "yml yaml", "rust": "rs", "golang": "go", "ruby": "rb",
    "c++": "cpp cc cxx hpp hxx h", "cpp": "cpp cc cxx hpp hxx h", "c": "c h", "csharp": "cs", "c#": "cs",
    "kotlin": "kt kts", "html": "html htm xhtml vue svelte tmpl", "makefile": "mk make", "make": "mk make",
    "bash": "sh bash zsh bats", "sh": "sh bash zsh bats", "shell": "sh bash zsh fish bats", "zsh": "zsh sh",
    "json": "json jsonc json5 ipynb jsonl", "jsonc": "json jsonc", "haskell": "hs", "elixir": "ex exs", "perl": "pl pm",
    "objective-c": "m h mm", "latex": "tex sty", "terraform": "tf tfvars", "hcl": "tf tfvars hcl", "ini": "ini cfg conf",
    "restructuredtext": "rst", "powershell": "ps1", "clojure": "clj", "erlang": "erl hrl", "ocaml": "ml mli", "xml": "xml svg",
    "text": "txt log csv", "plaintext": "txt log csv", "txt": "txt log csv",
}  # fmt: skip

_DECORATION = re.compile(r"^\s*(?:>\s*|[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+)*")
_STRONG_LABEL = re.compile(
    r"^(?:(?:new|updated?|modified|changed|created?|edit(?:ed)?|complete|full|final|in|the)\s+)*"
    r"(?:file[ _-]?(?:name|path)|file|path)\s*:\s*",
    re.IGNORECASE,
)
_WEAK_LABEL = re.compile(
    r"^(?:(?:in|the|new|updated?|updating|modified|modify|changed?|changes|created?|edit(?:ed)?|add|complete|full|final|"
    r"to|here|is|for|contents?|of|code|version|file)\b\s*:?\s*)+",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"\s+(?:\([^()]*\)|\[[^\[\]]*\]|[-\u2013\u2014]\s*(?:new|updated|modified|changed|unchanged)\b.*)$", re.IGNORECASE
)
_LINK = re.compile(r"^\[([^\[\]]+)\]\([^()\s]+\)$")
_WORD = re.compile(r"[^\s`*\"'<>|:;,?\\]+")
_BARE = re.compile(
    r"(?:[\w.@+-]+/)+[\w@+-][\w.@+-]*\w|[\w@+-]*[A-Za-z_][\w.@+-]*\.[A-Za-z]\w*|\.[A-Za-z][\w.-]*\w|\w[\w -]*\w\.(?:txt|md|csv|html)"
)
_COMMENT = re.compile(
    r"^\s*(?:#+|//+|--+|;+|%+|/\*+|<!--+|\(\*+|\"\"\"|''')\s*(\S.*?)\s*(?:\*+/|--+>|\*+\)|\"\"\"|''')?\s*$"
)
_EXAMPLE = re.compile(r"(?:^|/)(?:path/to|your[-_/ ]|example[s]?/path|folder/name|dir/name)|^path/|<|>", re.IGNORECASE)

MAX_PATH_CHARS = 400
"""A longer line names no file."""


class Known:
    """The paths of a repository, which decide doubtful cases."""

    def __init__(self, paths: Collection[str] = ()) -> None:
        self._paths = frozenset(paths)
        self._names = frozenset(path.rpartition("/")[2] for path in self._paths)
        self._folders = frozenset(path.partition("/")[0] for path in self._paths if "/" in path)

    def __contains__(self, path: str) -> bool:
        """Tell whether a path, or its base name, is that of a file."""
        return clean_path(path) in self._paths or path.rpartition("/")[2] in self._names

    def has(self, path: str) -> bool:
        """Tell whether this very path is that of a file."""
        return path in self._paths

    def has_folder(self, path: str) -> bool:
        """Tell whether a path begins with a folder of the repository."""
        return clean_path(path).partition("/")[0] in self._folders


def clean_path(path: str) -> str:
    """Leave out what stands before a path without a meaning."""
    return re.sub(r"^(?:\./+)+", "", path.replace("\\", "/"))


def looks_like_example(path: str) -> bool:
    """Tell whether a path was copied from a description of the format."""
    return _EXAMPLE.search(path) is not None


def suits(language: str, path: str) -> bool:
    """Tell whether a file may hold code of a language, going by its name."""
    name = PurePosixPath(path).name
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    language = language.lower()
    if not extension:
        return language not in _LANGUAGES or language in {*SHELLS, "makefile", "make", *PLAIN}
    return extension in _LANGUAGES.get(language, language).split() or extension == language


SHELLS = _split("bash sh shell zsh fish powershell ps1 cmd bat")
"""Languages of commands to type, which are no edits unless a script is named."""

OUTPUTS = _split("console output terminal shell-session shellsession sh-session pycon stdout log traceback")
"""Languages of what is shown only."""

PLAIN = frozenset(("", "text", "plaintext", "txt", "plain", "none"))
"""Languages that say nothing."""


# Lines


def find_path(line: str, known: Known) -> str | None:
    """Read a line that is nothing but a path, however it is decorated."""
    if len(line) > MAX_PATH_CHARS or known.has(line.strip()):
        return line.strip() if known.has(line.strip()) else None
    text = _DECORATION.sub("", line).replace("**", "").strip().rstrip(": ")
    strong = _STRONG_LABEL.match(text)
    is_quoted = "`" in line
    text = text[strong.end() :] if strong else text
    if strong and (match := re.fullmatch(r"`([^`]+)`", text)):
        return match[1]
    for candidate in _iter_candidates(text):
        if _is_path(candidate, known, is_strong=strong is not None or (is_quoted and _has_folder(candidate, known))):
            return candidate
    return None


def _has_folder(path: str, known: Known) -> bool:
    """Tell ``src/run`` from ``application/json``."""
    return "/" in path and known.has_folder(path)


def find_bare_path(line: str) -> str | None:
    """Read a line that is a path without any decoration, be it one of a kind that is not known.

    Whoever calls it has seen that the line is alone, right before a fence.
    """
    match = _BARE.fullmatch(line) if len(line) <= MAX_PATH_CHARS else None
    return line if match and "//" not in line and line.lower() not in _PRODUCTS else None


def _iter_candidates(text: str) -> Sequence[str]:
    """Give what may be the path in a line, as it stands and without words around it."""
    plain = _strip(text)
    unlinked = _LINK.sub(r"\1", plain)
    unremarked = _strip(_REMARK.sub("", unlinked))
    return [plain, _strip(unlinked), unremarked, _strip(_WEAK_LABEL.sub("", unremarked))]


def _strip(text: str) -> str:
    text = text.strip().strip("*`\"'\u201c\u201d\u2018\u2019: \t")
    return re.sub(r"^__(?!init|main|version|about)(.+?)__$", r"\1", text)


def _is_path(text: str, known: Known, *, is_strong: bool = False) -> bool:
    if not text or len(text) > MAX_PATH_CHARS:
        return False
    if known.has(clean_path(text)):
        return True
    if not _WORD.fullmatch(text) or "//" in text or text.lower() in _PRODUCTS or text.endswith(("/", ".", ")")):
        return False
    if text in known:
        return True
    name = text.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return extension in _EXTENSIONS or name in _PLAIN_NAMES or is_strong


def find_path_in_comment(line: str, known: Known) -> tuple[str | None, bool]:
    """Read a comment that names the file, and tell whether it says nothing else."""
    match = _COMMENT.match(line) if len(line) <= MAX_PATH_CHARS else None
    if match is None:
        return None, False
    text = _strip(_STRONG_LABEL.sub("", _strip(match[1])))
    if _is_path(text, known):
        return text, True
    unremarked = _strip(_REMARK.sub("", text))
    if _is_path(unremarked, known):
        return unremarked, True
    first = re.match(r"(\S+?)(?::\s|\s+[-\u2013\u2014:]\s)", text)
    return (first[1], False) if first and first[1] in known else (None, False)


def find_path_in_info(info: str, known: Known) -> str | None:
    """Read the path in a fence's info string."""
    info = info[:MAX_PATH_CHARS]
    titled = re.search(r"\b(?:title|file|filename|path|name)\s*[=:]\s*(?:\"([^\"]+)\"|'([^']+)'|(\S+))", info)
    if titled:
        title = str(titled[1] or titled[2] or titled[3]).strip("{}`")
        if _is_path(title, known, is_strong="." in title or "/" in title):
            return title
    words = info.strip("{}").split()
    for text in [" ".join(words), " ".join(words[1:]), *words]:
        for part in (text, *text.split(":")):
            if ("." in part or "/" in part) and _is_path(part.strip("`{}"), known):
                return part.strip("`{}")
    return None


def find_language(info: str) -> str:
    """Read the language in a fence's info string, in lower case; empty where there is none."""
    first = re.match(r"[{.\s]*([\w#-]+(?:\+\+)?)(?![\w./\\])", info)
    return first[1].lower() if first and not info.startswith("+") else ""


def find_path_in_prose(lines: Sequence[str], known: Known) -> str | None:
    """Find the one known path that a paragraph names, best in its last line."""
    for part in (lines[-1:], lines):
        text = " ".join(part)[-4000:]
        quoted: list[str] = [name for name in re.findall(r"`([^`\n]+)`", text) if name in known]
        words: list[str] = quoted or [name for name in re.findall(r"[\w./-]*\w\.\w+", text) if known.has(name)]
        if len(set(words)) == 1:
            return words[0]
    return None
