"""What a prompt names: files by path, base name or stem, and what looks like the name of a symbol.

Pure functions of text and paths. Called by `context.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

MAX_NAMESAKES = 3
"""A name that more files share names none of them."""


def _read_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


INSTRUCTIONS = _read_words(
    """
    a about above actually add added adding adds after again all allow along already also always an and another
    any anything are aren around as ask at avoid away be because been before behave being below better between
    both broken bug bugs but by call called calls can cannot cause change changed changes changing class classes
    code complete completely correct correctly could couldn create created creates currently delete description
    did didn different do does doesn doing don done down each edit either else ensure etc even ever every
    everything exactly example existing expected expects fail failed failing fails failure feature few file
    files find first fix fixed fixes follow following for found from function functions further get gets give
    given gives go goes good got had handle has hasn have having he help her here him his how however i if
    implement implemented improve in incorrect incorrectly instead into is isn issue it its itself just keep
    kind know last let like line lines little ll longer look looks lot made make makes making many may maybe me
    means method methods might missing modify module modules more most move much must my near need needed needs
    never new next no none nor not nothing now of off often ok old on once one only onto or other others
    otherwise our out over own part pass passes passing perhaps place please possible prevent problem proper
    properly provide put pytest rather re really refactor remove removed removes rename renamed replace replaced
    return returned returning returns rewrite right same see seem seems several shall she should shouldn show
    simple simply since so solve some something spec specs still such support supposed sure take test tested
    testing tests than thank thanks that the their them then there these they thing things this those though
    through to together too try turn two under unittest unless until unto up update updated us use used user
    users uses using ve very via want wants was wasn way we well were weren what when where whether which while
    who whole whom whose why will with within without won work working works would wouldn write written wrong
    yes yet you your yours
    """
)
"""Words that say what is to be done, or nothing; they say little about where."""

_ORDINARY = INSTRUCTIONS | _read_words(
    """
    action address age amount answer app apply area argument arguments array back base begin best big bit block
    body book box break build button case cases character characters check clean clear close color column
    command comment compare config connect content context convert copy core cost count current data database
    date day days default define detail details digit digits directory document draw drop email empty end engine
    entry equal error errors event exception exit explain extra false field fields filter float folder form
    format four free full general global group half hand handler hash head header height hello high home hour id
    image import imports include index info init input insert int integer interface item items javascript join
    key keys label language large left length less letter letters level library limit link list load local lock
    log long loop low main map mark match max maximum mean message middle min minimum minute mode model month
    name names negative node note null number numbers object open option options order output page pair
    parameter parameters parse parser path paths percent plain play point position positive previous print
    product program project prompt property public python query question queue quit range rate read real record
    release remote render report request reset resource response rest result results root round row rows rule
    run running safe sample save scale schema score screen script search second section select send sentence
    server service session set setup share short side sign signature single size small sort source space split
    stack start state status step stop store string strings style sum switch symbol system table tag target task
    text third three time timeout title today token tool top total totals tree true type types unit url validate
    validation value values variable variables version view wait warning web week white width window word words
    world year zero
    """
)

_TOKEN = re.compile(r"""[^\s`'"()<>\[\]{},;|*!?=]+""")
_POSITION = re.compile(r":\d[\d:]*$|#L\d+$")
_SYMBOL = re.compile(r"[A-Za-z_$][\w$]*")
_LOOKS_LIKE_CODE = re.compile(r"[^\W_]_+[^\W_]|[a-z\d][A-Z]|[A-Z]{2}[a-z]|^[A-Z]+[\d_]")
_CODE_SPAN = re.compile(r"``?([^`\n]+)``?")


def iter_tokens(prompt: str) -> Iterator[str]:
    """Give what may be a path, in order, without a position in the file and without marks of prose."""
    for token in _TOKEN.findall(prompt.replace("\\", "/")):
        if "://" not in token:
            token = _POSITION.sub("", token.rstrip(".:…-")).removeprefix("./").lstrip("@")
            if token:
                yield token


def find_named_files(prompt: str, paths: Iterable[PurePosixPath]) -> tuple[list[PurePosixPath], list[PurePosixPath]]:
    """Find the files that a prompt names, by path, by base name, by stem, in this order; then those of mere words.

    A mere word, ``report`` for report.py, may mean something else.
    """
    tokens = list(dict.fromkeys(iter_tokens(prompt)))
    wanted = {
        part.lower() for token in tokens for part in (*re.split(r"/|::|#", token), *re.split(r"/|\.|::|#", token))
    }
    by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
    by_stem: dict[str, list[PurePosixPath]] = defaultdict(list)
    for path in paths:
        name = str(path).rpartition("/")[2].lower()
        if name in wanted:
            by_name[name].append(path)
        if (name[: name.rfind(".", 1)] if "." in name[1:] else name) in wanted:
            by_stem[path.stem.lower()].append(path)
    by_path: list[PurePosixPath] = []
    by_base: list[PurePosixPath] = []
    by_module: list[PurePosixPath] = []
    by_word: list[PurePosixPath] = []
    for token in tokens:
        namesakes = by_name.get(token.rpartition("/")[2].lower(), [])
        if "/" in token:
            by_path += _keep_few(path for path in namesakes if _is_tail(str(path), token))
        elif "." in token or token.lower() not in _ORDINARY:
            by_base += _keep_few(namesakes)
        (by_word if _SYMBOL.fullmatch(token) else by_module).extend(_find_by_stem(token, by_stem))
    named = list(dict.fromkeys([*by_path, *by_base, *by_module]))
    return named, [path for path in dict.fromkeys(by_word) if path not in named]


def _find_by_stem(token: str, by_stem: Mapping[str, Sequence[PurePosixPath]]) -> list[PurePosixPath]:
    """Find the file of ``stats``, ``pkg/stats``, ``pkg.stats`` or ``stats.mean``."""
    parts = re.split(r"/|\.|::|#", token)
    tail = "/".join(parts)
    found = [path for path in by_stem.get(parts[-1].lower(), ()) if _is_tail(str(path.with_suffix("")), tail)]
    if len(parts) > 1:
        return _keep_few(found or by_stem.get(parts[0].lower(), ()), most=1)
    return _keep_few(found, most=1) if len(token) > 2 and token.lower() not in _ORDINARY else []


def _is_tail(path: str, token: str) -> bool:
    """Tell whether one is the end of the other; a traceback's path is the longer one."""
    path, token = path.lower(), token.lower().lstrip("/")
    return f"/{path}".endswith(f"/{token}") or (f"/{token}".endswith(f"/{path}") and "/" in path)


def _keep_few(paths: Iterable[PurePosixPath], *, most: int = MAX_NAMESAKES) -> list[PurePosixPath]:
    """Give files of one name: the one at the top if there is one, none if there are too many."""
    found = list(paths)
    found = [path for path in found if len(path.parts) == 1] or found
    return found if len(found) <= most else []


def find_symbols(prompt: str) -> tuple[list[str], list[str]]:
    """Find what may be the names of symbols: those written as code, and words that are not everybody's, each in order."""
    marked = {name for span in _CODE_SPAN.findall(prompt) for name in _SYMBOL.findall(span)}
    marked |= {name for token in iter_tokens(prompt) for name in re.split(r"\.|::|#", token)[1:]}
    code, words = [], []
    for match in _SYMBOL.finditer(prompt):
        name = match[0]
        if name in marked or prompt[match.end() : match.end() + 1] == "(" or _LOOKS_LIKE_CODE.search(name):
            code.append(name)
        elif len(name) > 2 and (name.isupper() or name.lower() not in _ORDINARY):
            words.append(name)
    return list(dict.fromkeys(code)), [name for name in dict.fromkeys(words) if name not in code]


def find_words(prompt: str) -> list[str]:
    """Give the words to search for, in order: all but those that say what is to be done, unless there are no others."""
    words = list(dict.fromkeys(re.findall(r"[^\W\d]\w+", prompt)))
    return [word for word in words if word.lower() not in INSTRUCTIONS] or words


_TEST_WORDS = re.compile(r"\b(tests?|testing|specs?|pytest|unittest|assert\w*)\b|\btest_\w", re.IGNORECASE)
_TEST_STEM = re.compile(r"^(?:tests?[_.-]?)?(.+?)(?:[_.-]?(?:tests?|specs?))?$", re.IGNORECASE)


def speaks_of_tests(prompt: str) -> bool:
    """Tell whether a prompt speaks of tests."""
    return _TEST_WORDS.search(prompt) is not None


def find_tested_stem(path: PurePosixPath) -> str | None:
    """Find the stem of the file that a test belongs to: ``stats`` for test_stats.py, stats.spec.ts and StatsTest.java."""
    match = _TEST_STEM.match(path.stem)
    return match[1].lower() if match and match[1] != path.stem else None


_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\(?[\w, \t]*)|import[ \t]+([\w., \t]+))", re.MULTILINE
)


def find_imports(path: PurePosixPath, text: str, known: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Find the files of the repository that a Python file imports, in order."""
    tops = ("src", "lib", *_list_parents(path))
    wanted = [name for module in _iter_modules(path, text) for name in (module, *(f"{top}/{module}" for top in tops))]
    asked = set(wanted)
    files = {name: each for each in known if (name := _name_module(each)) in asked} if asked else {}
    found = (files[name] for name in wanted if name in files and files[name] != path)
    return list(dict.fromkeys(found))


def _name_module(path: PurePosixPath) -> str | None:
    return str(path).removesuffix(".py").removesuffix("/__init__") if path.suffix == ".py" else None


def _list_parents(path: PurePosixPath) -> list[str]:
    return [str(parent) for parent in path.parents if parent.parts]


def _iter_modules(path: PurePosixPath, text: str) -> Iterator[str]:
    """Give what is imported as paths without a suffix; of ``from a import b`` both, since b may be a module."""
    for origin, names, plain in _IMPORT.findall(text):
        if plain:
            for module in plain.split(","):
                yield module.split(" as ")[0].strip().replace(".", "/")
            continue
        module = origin.lstrip(".")
        dots = len(origin) - len(module)
        parents = path.parts[: len(path.parts) - dots] if dots else ()
        base = "/".join((*parents, *(part for part in module.split(".") if part)))
        yield base
        for name in names.strip("(").split(","):
            if name := name.split(" as ")[0].strip():
                yield f"{base}/{name}".lstrip("/")
