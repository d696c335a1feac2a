"""What `--explain` prints: who would be asked, with what, and what would be withheld.

Called by `making.py`; how it is found out is `git_draft/explaining.py`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from git_draft.cli.render import clean, format_count
from git_draft.explaining import Explained

_MAX_PATHS = 20


def format_explained(explained: Explained, bot: str) -> str:
    """Write it for a person: facts first, then each message as it is, but for control characters."""
    sent, tokens = explained.sent, f"about {explained.sent.tokens:,} tokens"
    where = (
        f"{sent.url} at {sent.host}"
        if sent.host
        else f"{sent.url or 'a server that git-draft starts'}, on this machine"
    )
    rows = [
        ("bot", bot),
        ("model", sent.model or "the one that the server names when it is asked"),
        ("to", where),
        ("tools", ", ".join(sent.tools) or "none: edits are written as text"),
        ("changes", f"only in {', '.join(explained.only.texts)}" if explained.only else "anywhere in the repository"),
        ("guidance", "AGENTS.md" if explained.has_guidance else "none: there is no AGENTS.md that git tracks"),
        *_list_paths("withheld", [f"{path}: {reason}" for path, reason in explained.withheld] or ["nothing"]),
        *_list_paths("untracked", list(map(str, explained.snapshot.untracked))),
        *_list_paths("left out", [f"{path}: too large, or a repository" for path in explained.snapshot.left_out]),
    ]
    lines = [f"{name:<10} {clean(value)}" for name, value in rows]
    for text in sent.texts:
        lines += ["", f"--- {text.role}, about {text.tokens:,} tokens", *map(_clean_line, text.text.split("\n"))]
    if sent.tools:
        lines += [
            "",
            f"--- the description of {format_count(len(sent.tools), 'tool')}, about {sent.tools_tokens:,} tokens",
        ]
    return "\n".join([*lines, "", f"{tokens} in the first request, by estimate; nothing was sent"])


def make_explained_json(explained: Explained, bot: str) -> dict[str, object]:
    """Make the object for ``--json``."""
    sent = explained.sent
    values: dict[str, object] = {
        "bot": bot,
        "model": sent.model,
        "host": sent.host,
        "url": sent.url,
        "only": list(explained.only.texts) if explained.only else None,
        "guidance": explained.has_guidance,
        "withheld": [{"path": str(path), "reason": reason} for path, reason in explained.withheld],
        "untracked": [str(path) for path in explained.snapshot.untracked],
        "left_out": [str(path) for path in explained.snapshot.left_out],
        "tools": list(sent.tools),
        "tools_tokens": sent.tools_tokens if sent.tools else None,
        "messages": [{"role": text.role, "text": text.text, "tokens": text.tokens} for text in sent.texts],
        "tokens": sent.tokens,
    }
    return {"explanation": {key: value for key, value in values.items() if value is not None}}


def _list_paths(name: str, lines: Collection[str]) -> Sequence[tuple[str, str]]:
    shown = [*lines][:_MAX_PATHS]
    more = [f"and {len(lines) - _MAX_PATHS:,} more; --json names all"] if len(lines) > _MAX_PATHS else []
    return [(name if number == 0 else "", line) for number, line in enumerate([*shown, *more])]


def _clean_line(line: str) -> str:
    return "".join(each if each.isprintable() or each == "\t" else "�" for each in line.removesuffix("\r"))
