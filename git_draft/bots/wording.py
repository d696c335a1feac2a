"""What a model that writes its edits as text is told: how to answer, an example, the files, what did not fit.

The texts themselves are in ``prompts/`` and in `example.py`. Called by `rounds.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal

from git_draft.bots import example
from git_draft.bots.edits import WholeFile, format_edits
from git_draft.bots.intents import judge_removal
from git_draft.bots.replies import Message
from git_draft.bots.turns import read_prompt
from git_draft.context import Context

Form = Literal["blocks", "whole"]
"""What the model is asked to write: search/replace blocks, or whole files; both are understood in any case."""


def format_system(form: Form, context: Context, asked: str) -> str:
    """Write the system prompt.

    What it shows is copied: an example in it names a real file, and how a file is deleted is said only where one is to go.

    Args:
        form: what the model is to write.
        context: what it is shown.
        asked: what the user asked for.
    """
    paths = [file.path for file in context.files if file.text.strip()]
    shown = [path for path in paths if not PurePosixPath(path).name.startswith((".", "__init__."))]
    system = read_prompt(f"{form}.md").replace("{example}", next(iter(shown or paths), "path/of/the/file"))
    known = (*(file.path for file in context.files), *context.others)
    if form == "whole" and any(judge_removal(asked, path) == "asked" for path in known):
        system += f" {read_prompt('whole-going.md')}"
    return system


def format_context(context: Context) -> str:
    """Write what a model is shown of the files, in the form in which it is to answer."""
    parts = [format_edits([WholeFile(file.path, file.text)]).strip() for file in context.files]
    if parts:
        parts.insert(0, "Files of the repository:")
    if context.others:
        more = [f"(and {context.left_out} more)"] if context.left_out else []
        parts.append("\n".join(["Other files, which you have not been shown:", *context.others, *more]))
    return "\n\n".join([*parts, "The request:\n\n"])


def format_example() -> list[Message]:
    """Write the example as an earlier turn, in the form of the real ones."""
    return [
        {"role": "user", "content": format_context(example.CONTEXT) + example.REQUEST},
        {"role": "assistant", "content": format_edits(example.ANSWER).strip()},
    ]


def format_problems(problems: Sequence[str]) -> str:
    """Write what is wrong with an answer."""
    return "\n\n".join(
        [
            "Not all of your answer could be used:",
            *problems,
            "All else has been taken. Answer again with what is missing, in the same form as before.",
        ]
    )
