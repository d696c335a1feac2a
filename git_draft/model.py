"""The frozen values that the rooms hand to each other: folios, drafts, goals, outcomes, usage.

No behaviour besides reading and writing their own short forms, no input or output, no pydantic: `list` loads this
module and must start fast. Everything above imports it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from git_draft.frozen import frozen

PROMPT_TITLE_COLUMNS = 55
"""How many columns of a prompt stand in for a title that the bot did not give."""

_SMALL_COST_USD = Decimal("0.1")
"""Below this an amount is written with three digits, from here on in cents."""
_LEAST_COST_USD = Decimal("0.000001")


class OutcomeKind(enum.StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    NO_CHANGE = "no change"
    QUESTION = "question pending"
    LIMIT = "limit reached"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class MergeStrategy(enum.StrEnum):
    """What `git merge` is told by ``-X``; `DEFAULT` stands for no such option."""

    OURS = "ours"
    THEIRS = "theirs"
    IGNORE_SPACE_CHANGE = "ignore-space-change"
    IGNORE_ALL_SPACE = "ignore-all-space"
    IGNORE_SPACE_AT_EOL = "ignore-space-at-eol"
    IGNORE_CR_AT_EOL = "ignore-cr-at-eol"
    FIND_RENAMES = "find-renames"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, order=True)
class DraftName:
    """The name of a draft, written ``3/2``.

    Args:
        folio: the folio's number, from 1.
        number: the draft's number within the folio, from 1.
    """

    folio: int
    number: int

    def __str__(self) -> str:
        return f"{self.folio}/{self.number}"

    @classmethod
    def parse(cls, text: str) -> DraftName | None:
        """Read ``3/2``; give None for anything else."""
        match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text, re.ASCII)
        return cls(int(match[1]), int(match[2])) if match else None


@frozen
class Folio:
    """A line of drafts started from one origin branch.

    Args:
        number: per repository, from 1.
        origin: the short name of the branch that the user was on, ``main``; None where it is not known any more.
        is_open: whether the folio branch exists.
    """

    number: int
    origin: str | None
    is_open: bool = True


@frozen
class Usage:
    """What a turn or a run used; None is "not known", which is never the same as 0.

    A sum never understates: tokens sent, tokens received and cost are known where both sides know them. The parts of
    these (cached, reasoning, written) are left out by many servers in a turn that had none, so there None beside a
    number counts as none; no cost is made of such a sum. `sum_usages` sums turns.

    Args:
        tokens_in: tokens sent, those from the server's cache included.
        tokens_out: tokens received, those of the model's thoughts included.
        tokens_cached: the part of `tokens_in` that came from the server's cache.
        cost_usd: in US dollars.
        tokens_reasoning: the part of `tokens_out` that were the model's thoughts.
        tokens_written: the part of `tokens_in` that went into the server's cache, for which some charge more.
    """

    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: Decimal | None = None
    tokens_reasoning: int | None = None
    tokens_written: int | None = None

    def __add__(self, other: Usage) -> Usage:
        costs = (self.cost_usd, other.cost_usd)
        return Usage(
            _add_all(self.tokens_in, other.tokens_in),
            _add_all(self.tokens_out, other.tokens_out),
            _add_known(self.tokens_cached, other.tokens_cached),
            None if costs[0] is None or costs[1] is None else costs[0] + costs[1],
            _add_known(self.tokens_reasoning, other.tokens_reasoning),
            _add_known(self.tokens_written, other.tokens_written),
        )


def _add_all(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _add_known(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else a + b


NOTHING_USED = Usage(tokens_in=0, tokens_out=0, cost_usd=Decimal(0))
"""What adds nothing to a sum; `Usage()` would make all of it unknown."""


def sum_usages(usages: Iterable[Usage]) -> Usage:
    """Sum what turns used; of no turns at all nothing is known."""
    known = list(usages)
    return sum(known, NOTHING_USED) if known else Usage()


def format_cost(cost_usd: Decimal) -> str:
    """Write an amount of US dollars, so that less than a cent can still be read: ``$1.25``, ``$0.0123``, ``$0.00042``."""
    if 0 < cost_usd < _LEAST_COST_USD:
        return f"<${_LEAST_COST_USD:f}"
    if not cost_usd or cost_usd >= _SMALL_COST_USD:
        return f"${cost_usd:,.2f}"
    whole, _, digits = f"{Decimal(f'{cost_usd:.3g}'):f}".partition(".")
    return f"${whole}.{digits.rstrip('0'):0<2}"


@frozen
class Goal:
    """What a bot is asked.

    Args:
        prompt: the rendered prompt, never empty.
        earlier_prompts: with ``--on``, the prompts of the drafts that this one goes on from, oldest first.
        variant: 0 for the first, or only, run that is asked this; others beside it are to come out different.
    """

    prompt: str
    earlier_prompts: tuple[str, ...] = ()
    variant: int = 0


@frozen
class Outcome:
    """What a bot reports at the end of its run; its changes are in the worktree.

    Args:
        kind: COMPLETE, QUESTION, LIMIT, FAILED or INTERRUPTED; whether something changed is found out by git-draft.
        title: one line for the subject of the commit, None to use the prompt.
        summary: what the model said it did, or its answer; may have several lines.
        question: the question that stays open, with QUESTION.
        detail: for LIMIT and FAILED, what the limit or the failure was, in a short line.
        usage: summed over all turns.
        turns: requests that got a reply.
    """

    kind: OutcomeKind = OutcomeKind.COMPLETE
    title: str | None = None
    summary: str | None = None
    question: str | None = None
    detail: str | None = None
    usage: Usage = Usage()
    turns: int | None = None


@frozen
class Finding:
    """What was found out of a bot when it was checked.

    Args:
        name: what it is about, in a word or two.
        value: what was found.
        is_ok: whether a run may work with that.
        hint: what to do about it where not.
    """

    name: str
    value: str
    is_ok: bool = True
    hint: str | None = None


@frozen
class Changes:
    """How much a commit changes.

    Args:
        files: number of files touched.
        added: lines added.
        removed: lines removed.
    """

    files: int
    added: int
    removed: int


@frozen
class Record:
    """What is known of a draft; the note on its commit holds it.

    Args:
        draft: its name.
        origin: short name of the origin branch.
        bot: the bot's name.
        model: the model's name, where the bot has one.
        base: the id, 40 hex digits, of the commit that the draft was asked on: the user's HEAD, or with ``--on`` the
            draft that it goes on from.
        outcome: how the run ended.
        question: the open question.
        detail: why the run failed or which limit it reached.
        summary: the model's own words.
        started: when the run began, aware.
        walltime: how long it ran.
        turns: requests that got a reply.
        usage: tokens and cost.
        changes: files and lines.
        unknown: keys that this version does not know, in their order, as pairs of key and value.
    """

    draft: DraftName
    origin: str | None = None
    bot: str | None = None
    model: str | None = None
    template: str | None = None
    base: str | None = None
    outcome: OutcomeKind | None = None
    question: str | None = None
    detail: str | None = None
    summary: str | None = None
    started: datetime | None = None
    walltime: timedelta | None = None
    turns: int | None = None
    usage: Usage = Usage()
    changes: Changes | None = None
    part_of: str | None = None
    recorded_by: str | None = None
    unknown: tuple[tuple[str, str], ...] = ()


@frozen
class Draft:
    """A draft as the repository holds it.

    Args:
        name: its name, as its ref says.
        commit: the id of its commit, 40 hex digits.
        parent: the id of that commit's parent: a sync commit, the user's commit, or another draft.
        title: the subject of the commit without its ``draft! prompt: `` mark.
        prompt: the whole prompt.
        record: what its note says.
    """

    name: DraftName
    commit: str
    parent: str
    title: str
    prompt: str
    record: Record = field(repr=False)

    @property
    def has_changes(self) -> bool:
        """Whether the bot changed anything; a record that does not say so is taken for yes."""
        return self.record.changes is None or self.record.changes.files > 0


@frozen
class SentText:
    """A message that would be sent.

    Args:
        role: who says it, ``system`` or ``user`` for example.
        text: all of it.
        tokens: how many it has, by estimate.
    """

    role: str
    text: str
    tokens: int


@frozen
class Explanation:
    """What a bot would send first.

    Args:
        model: the model's name, None where its server would be asked for it.
        host: the remote host that it would go to, None for this machine.
        url: where it would be sent, without user and password; None where a server would be started.
        texts: the messages, in order.
        tools: the names of the tools that would be offered.
        tools_tokens: how many tokens their description has, by estimate.
    """

    model: str | None
    host: str | None
    url: str | None
    texts: tuple[SentText, ...]
    tools: tuple[str, ...]
    tools_tokens: int

    @property
    def tokens(self) -> int:
        """How many tokens all of it has, by estimate."""
        return self.tools_tokens + sum(text.tokens for text in self.texts)
