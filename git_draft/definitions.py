"""The names that a source file defines: functions, classes, types and constants, found by how their lines begin.

No parser: a careful pattern for each family of languages, which sooner misses a name than takes prose for one. Pure
functions of text. Called by `ranking.py`, and in `bots/` by `fragments.py` and `patching.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = r"([A-Za-z_$][\w$]*)"
_STATEMENT = (
    r"(?!(?:if|for|while|switch|catch|return|else|do|function|new|throw|typeof|await|with|sizeof|delete|case)\b)"
)


def _after(modifiers: str, *, least: str = "*") -> str:
    """Make a pattern for the start of a line: indented or not, any of some words, each with a space behind."""
    return rf"[ \t]*(?:(?:{modifiers})[ \t]+){least}"


_PYTHON = (
    _after("async") + rf"def[ \t]+{_NAME}[ \t]*[(\[]",
    rf"[ \t]*class[ \t]+{_NAME}[ \t]*[:(\[]",
    r"(_*[A-Z][A-Z\d_]+)[ \t]*(?::[^=\n]+)?=(?!=)",
    rf"type[ \t]+{_NAME}(?:\[[^\n]*\])?[ \t]*=",
    rf"{_NAME}:[ \t]*TypeAlias[ \t]*=",
)

_EXPORT = _after("export|default|declare|async|abstract")
_METHOD = _after("static|async|get|set|public|private|protected|readonly|override")
_JAVASCRIPT = (
    _EXPORT + rf"function[ \t]*\*?[ \t]*{_NAME}[ \t]*[(<]",
    _EXPORT + rf"(?:class|interface|enum|const[ \t]+enum|namespace)[ \t]+{_NAME}\b[^\n;=]*\{{",
    _EXPORT + rf"type[ \t]+{_NAME}\b[^\n=]*=",
    rf"(?:export[ \t]+)?(?:const|let|var)[ \t]+{_NAME}[ \t]*(?::[^=\n]+)?=",
    rf"(?:module\.)?exports\.{_NAME}[ \t]*=",
    _METHOD + rf"{_STATEMENT}#?{_NAME}\([^()\n]*\)[ \t]*(?::[^{{\n]+)?\{{[ \t]*$",
)

_GO = (
    rf"func[ \t]+(?:\([^)\n]*\)[ \t]*)?{_NAME}[ \t]*[(\[]",
    rf"type[ \t]+{_NAME}(?:\[[^\n\]]*\])?[ \t]+=?[ \t]*[\w*\[(]",
    rf"(?:const|var)[ \t]+{_NAME}\b",
)

_VISIBLE = r"[ \t]*(?:pub(?:\([\w: ]+\))?[ \t]+)?"
_RUST = (
    _VISIBLE + rf'(?:(?:default|async|unsafe|const|extern(?:[ \t]+"[^"\n]*")?)[ \t]+)*fn[ \t]+{_NAME}[ \t]*[(<]',
    _VISIBLE + rf"(?:unsafe[ \t]+)?(?:struct|enum|trait|union|type|mod)[ \t]+{_NAME}\b",
    _VISIBLE + rf"(?:const|static(?:[ \t]+mut)?)[ \t]+{_NAME}[ \t]*:",
    rf"macro_rules![ \t]*{_NAME}",
)

_MODIFIERS = "public|private|protected|internal|static|final|abstract|sealed|override|async|inline|open|partial|data"
_KINDS = "class|interface|enum|enum[ \t]+class|record|struct|trait|object|protocol|@interface|extension"
_TYPE = r"[\w.]+(?:<[^\n(]*>)?(?:\[\])*\??[ \t]+"
_JAVA = (  # and its kin: C#, Kotlin, Scala, Swift
    _after(rf"@\w+|{_MODIFIERS}|value|inner|case|readonly") + rf"(?:{_KINDS})[ \t]+{_NAME}\b[^\n;]*$",
    _after(rf"@\w+|{_MODIFIERS}|suspend|mutating") + rf"(?:fun|func|def)[ \t]+(?:\w+\.)?{_NAME}[ \t]*[(<\[:=]",
    _after(rf"@\w+|{_MODIFIERS}|virtual|synchronized|native", least="+")
    + rf"(?:<[^>\n]*>[ \t]*)?(?:{_TYPE})?{_NAME}[ \t]*\(",
    _after(_MODIFIERS) + rf"(?:static[ \t]+final|const|const[ \t]+val)[ \t]+(?:{_TYPE})?{_NAME}[ \t]*(?::[^=\n]+)?=",
    rf"[ \t]+(?:public|private|protected)[ \t]+static[ \t]+final[ \t]+{_TYPE}{_NAME}[ \t]*=",
)

_C = (
    rf"[ \t]*#[ \t]*define[ \t]+{_NAME}",
    _after("typedef") + rf"(?:struct|class|union|enum|enum[ \t]+class|namespace)[ \t]+{_NAME}\b[^\n;()]*$",
    rf"[ \t]*typedef\b[^\n]*\b{_NAME}[ \t]*;",
    rf"[ \t]*\}}[ \t]*{_NAME}[ \t]*;",  # the end of a typedef of several lines
    rf"[ \t]*using[ \t]+{_NAME}[ \t]*=",
    rf"{_STATEMENT}[A-Za-z_][\w \t*&:<>,]*[ \t*&:]~?{_NAME}[ \t]*\([^;\n]*$",
)

_RUBY = (
    rf"[ \t]*def[ \t]+(?:self\.)?{_NAME}",
    rf"[ \t]*(?:class|module)[ \t]+(?:\w+::)*{_NAME}[ \t]*(?:<[^\n]*)?$",
    r"[ \t]*([A-Z][A-Z\d_]+)[ \t]*=(?!=)",
)

_SHELL = (rf"[ \t]*(?:function[ \t]+)?{_NAME}[ \t]*\(\)", rf"[ \t]*function[ \t]+{_NAME}[ \t]*\{{")

_PHP = (
    _after("public|private|protected|static|final|abstract") + rf"function[ \t]+&?{_NAME}[ \t]*\(",
    _after("final|abstract|readonly") + rf"(?:class|interface|trait|enum)[ \t]+{_NAME}\b[^\n;]*$",
    _after("public|private|protected|final") + rf"const[ \t]+{_NAME}[ \t]*=",
)

_FAMILIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("py", "pyi", "pyx"), _PYTHON),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"), _JAVASCRIPT),
    "go": _GO,
    "rs": _RUST,
    **dict.fromkeys(("java", "kt", "kts", "cs", "scala", "swift", "groovy"), _JAVA),
    **dict.fromkeys(("c", "h", "cc", "cpp", "cxx", "hpp", "hh", "hxx", "m", "mm", "cu"), _C),
    **dict.fromkeys(("rb", "rake"), _RUBY),
    **dict.fromkeys(("sh", "bash", "zsh", "ksh"), _SHELL),
    "php": _PHP,
}


def _compile(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("^(?:" + "|".join(patterns) + ")", re.MULTILINE)


_COMPILED = {patterns: _compile(patterns) for patterns in dict.fromkeys(_FAMILIES.values())}


def find_names(text: str, suffix: str) -> set[str]:
    """Find the names that a file defines, as they are written; none where its language is not known.

    Args:
        text: its contents.
        suffix: the end of its name, ``.py`` for example; a file without one is read as a shell script.
    """
    patterns = _FAMILIES.get(suffix.lower().removeprefix(".")) if suffix else _SHELL
    if patterns is None:
        return set()
    return {match[match.lastindex] for match in _COMPILED[patterns].finditer(text) if match.lastindex}
