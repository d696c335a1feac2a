"""The options of a command that makes drafts, merges or leaves, as they were written; checked against each other.

Called by `app.py`, which fills them in, `making.py` and `taking.py`.
"""

from __future__ import annotations

from git_draft.errors import UsageError
from git_draft.frozen import frozen
from git_draft.model import MergeStrategy

STRATEGY_HINT = f"one of {', '.join(MergeStrategy)}"
_MAX_SIBLINGS = 16


@frozen
class Manner:
    """How a command speaks: JSON, quietly, verbosely, without questions."""

    is_json: bool = False
    is_quiet: bool = False
    is_verbose: bool = False
    is_batch: bool = False


@frozen
class Wish:
    """The options of `new`, as they were written."""

    prompt: str | None
    edit: bool
    bot: str | None
    model: str | None
    options: tuple[str, ...]
    on: str | None
    strategy: str | None
    accept: bool
    leave: bool
    only: tuple[str, ...] = ()
    count: int = 1
    is_again: bool = False
    again: str | None = None
    explain: bool = False
    template: str | None = None
    arguments: tuple[tuple[str, str | None], ...] = ()
    options_of_ours: frozenset[str] = frozenset()

    @property
    def wants_draft(self) -> bool:
        """Whether a draft is to be made, or merging and leaving act alone."""
        return bool(
            self.prompt is not None
            or self.template is not None
            or self.edit
            or self.on is not None
            or self.only
            or self.is_again
            or not (self.strategy or self.accept or self.leave)
        )

    @property
    def is_ready(self) -> bool:
        """Whether what is asked is there already, and nobody has to be waited for."""
        return not self.edit and self.template is None and (self.is_again or self.prompt not in (None, "-"))

    def check(self) -> MergeStrategy | None:
        """See to it that the options go together; give the strategy that is named.

        Raises:
            UsageError: where they don't.
        """
        strategy = parse_strategy(self.strategy) if self.strategy is not None else None
        if strategy and self.accept:
            raise UsageError("--merge and --accept are two ways to say one thing", hint="give one of them")
        if not 1 <= self.count <= _MAX_SIBLINGS:
            raise UsageError(f"-n takes a number from 1 to {_MAX_SIBLINGS}, not {self.count}")
        if self.count > 1 and (strategy or self.accept or self.leave):
            raise UsageError(
                f"-n {self.count} makes {self.count} drafts, and which one to merge is not known yet",
                hint="make them first, then git draft merge DRAFT",
            )
        return strategy


def parse_strategy(text: str) -> MergeStrategy:
    """Read a strategy from the command line.

    Raises:
        UsageError: where it is none.
    """
    try:
        return MergeStrategy(text)
    except ValueError:
        hint = f'git draft --merge theirs "{text}"' if " " in text else STRATEGY_HINT
        raise UsageError(f"--merge takes a strategy, not {text!r}", hint=hint) from None
