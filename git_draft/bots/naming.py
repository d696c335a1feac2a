"""The path that a line, an info string or a comment names, in the many ways in which models write it.

Nothing here knows of fences (`fences.py`) or of what becomes of a path (`patching.py`). Called by `blocks.py`, and by
`patching.py` for the comment that names the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from git_draft.textset import TextSet


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


_EXTENSIONS = _split(
    "adoc astro bash bat bib c cc cfg cjs clj cmake cmd conf cpp cs cshtml css csv cts cu cxx dart diff ejs el elm env erb"
    " erl ex exs f90 fish fs fsx gemspec go gql gradle graphql groovy h haml hbs hcl hpp hrl hs htm html hxx ini ipynb"
    " java jl js json json5 jsonc jsonl jsx kt kts less lisp liquid lock log lua m make md mdx mjs mk ml mli mm mts"
    " nim nix njk patch php pl pm po proto ps1 pug puml py pyi pyx r rake rb rkt rs rst sass sbt scala scm scss sh sol"
    " csproj fsproj vbproj sln resx xaml razor cabal podspec nuspec properties plist jinja jinja2 j2 mustache bicep inc bzl"
    " sql sty sv svelte svg swift tcl tex tf tfvars thrift tmpl toml tpl ts tsv tsx twig txt v vb vhd vim vue wat xhtml"
    " xml xsd xsl yaml yml zig zsh gitignore gitattributes dockerignore editorconfig"
)
_PLAIN_NAMES = _split(
    "Makefile Dockerfile LICENSE Gemfile Rakefile Procfile Jenkinsfile Vagrantfile Brewfile Justfile justfile"
    " Containerfile CODEOWNERS README CHANGELOG AUTHORS NOTICE VERSION Pipfile Podfile Guardfile Berksfile Tiltfile"
    " Earthfile Snakefile Caddyfile Fastfile Appfile Doxyfile Puppetfile Taskfile GNUmakefile makefile COPYING INSTALL"
    " CONTRIBUTORS MAINTAINERS SConstruct SConscript Kconfig go.mod go.sum go.work py.typed .env.example .eslintrc"
    " .prettierrc .babelrc .npmrc .nvmrc .npmignore .dockerignore .prettierignore .eslintignore .gitmodules .gitkeep"
    " .flake8 .pylintrc .coveragerc .bashrc .zshrc .vimrc .envrc .clang-format .clang-tidy .mailmap .python-version"
)
_SENTENCE = _split(
    "a an add and are as at be below by change changes code contents create edit file for from full here in into is it like"
    " modify new next now of on or open rename replace run see so that the then these this to update updated use using"
    " version was we will with you your"
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
_COMMENT = re.compile(
    r"^\s*(?:#+|//+|--+|;+|%+|/\*+|<!--+|\(\*+|\"\"\"|''')\s*(\S.*?)\s*(?:\*+/|--+>|\*+\)|\"\"\"|''')?\s*$"
)
_EXAMPLE = re.compile(r"(?:^|/)(?:path/to|your[-_/ ]|example[s]?/path|folder/name|dir/name)|^path/|<|>", re.IGNORECASE)

_ODD_EXTENSION = re.compile(r"[^/.]\.[A-Za-z]\w{0,15}$")
_TITLE = re.compile(r"\b(title|file|filename|path|name)\s*[=:]\s*(?:\"([^\"]+)\"|'([^']+)'|(\S+))")

_MEDIA_TYPE = re.compile(r"(?:application|audio|font|image|multipart|text|video)/[\w+.-]+$")

MAX_WORDS = 4
"""A name with more blanks is taken for a sentence."""

MAX_PATH_CHARS = 400
"""A longer line names no file."""


class Known:
    """The paths of a repository, which decide doubtful cases."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._paths = TextSet(paths)
        self._by_name = sorted(self._paths, key=_get_name)
        self._folders = frozenset(path.partition("/")[0] for path in self._paths if "/" in path)

    def __contains__(self, path: str) -> bool:
        """Tell whether a path, or its base name, is that of a file."""
        name = _get_name(path)
        at = bisect_left(self._by_name, name, key=_get_name)
        return self.has(clean_path(path)) or (at < len(self._by_name) and _get_name(self._by_name[at]) == name)

    def has_folder_of(self, path: str) -> bool:
        """Tell whether the first folder of a path is there."""
        return clean_path(path).partition("/")[0] in self._folders

    def has(self, path: str) -> bool:
        """Tell whether this very path is that of a file."""
        return path in self._paths


def _get_name(path: str) -> str:
    return path.rpartition("/")[2]


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
    if language in SHELLS and (name.startswith(".") or extension in _SHELL_LIKE or extension not in _EXTENSIONS):
        return True
    if not extension:
        return language not in _LANGUAGES or language in {*SHELLS, "makefile", "make", *PLAIN}
    return extension in _LANGUAGES.get(language, language).split() or extension == language


SHELLS = _split("bash sh shell zsh fish powershell ps1 cmd bat")
"""Languages of commands to type, which are no edits unless a script is named."""

_SHELL_LIKE = _split("env conf cfg ini")  # what is shown as a shell's, for want of a better language

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
    is_quoted = "`" in line  # in which a path may be odder, as may all else
    text = text[strong.end() :] if strong else text
    if strong and (match := re.fullmatch(r"`([^`]+)`", text)):
        return match[1]
    for candidate in _iter_candidates(text):
        if _is_path(candidate, known, is_strong=strong is not None or (is_quoted and _may_be_path(candidate, known))):
            return candidate
    return None


def find_bare_path(line: str) -> str | None:
    """Read a line as a path whatever its name: one that stands alone above a fence, as models are asked to write it.

    Blanks are only in the names of files with a usual extension, and sentences are none.
    """
    text = line.strip()
    if len(text) > MAX_PATH_CHARS or text.endswith((".", "/", ")", ":")) or "//" in text or text.lower() in _PRODUCTS:
        return None
    if " " in text:
        return text if _is_name_with_blanks(text) else None
    if not _WORD.fullmatch(text) or text.startswith(("-", "#", "=", "/")) or _MEDIA_TYPE.match(text):
        return None
    folder, _, name = text.rpartition("/")
    if folder:
        return text if re.search(r"\w", name) and not re.fullmatch(r"[A-Z][a-z]+/[A-Z][a-z]+", text) else None
    return text if re.fullmatch(r"(?:[^.].*)?\.[A-Za-z][\w-]*", text) else None


def _is_name_with_blanks(text: str) -> bool:
    words = text.split(" ")
    heads = [word[0].isupper() for word in words if word[:1].isalpha()]
    is_usual = text.rpartition(".")[2].lower() in _EXTENSIONS and len(words) <= MAX_WORDS
    is_sentence = any(word.lower() in _SENTENCE for word in words) or (heads[:1] == [True] and not all(heads))
    return is_usual and not is_sentence and all(map(_WORD.fullmatch, words))


def _may_be_path(text: str, known: Known) -> bool:
    """Tell whether a quoted word with a slash may be the path of a new file: a media type or a branch is none."""
    return "/" in text and (known.has_folder_of(text) or _ODD_EXTENSION.search(text) is not None)


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
    if titled := _TITLE.search(info):
        path = str(titled[2] or titled[3] or titled[4]).strip("{}`")
        if _is_path(path, known, is_strong=titled[1] not in ("title", "name")):
            return path
        info = info[: titled.start()] + info[titled.end() :]
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
