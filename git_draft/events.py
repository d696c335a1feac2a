"""What happens during a run: one frozen pydantic class for each kind, JSON both ways.

The worktree, the loop and the drafter emit events to a `Feedback`; the store keeps them and `git draft events` reads
them. Only commands that run a bot or read events import this module, since pydantic takes time to load.
"""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from functools import cache
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_serializer


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)  # a run has few of all these kinds

    is_kept: ClassVar[bool] = True
    """Whether the index keeps it; what is only for the eyes of now is not."""

    @abstractmethod
    def describe(self) -> str:
        """Say in one short line what happened."""


class RunStarted(_Event):
    """A bot was given its goal."""

    kind: Literal["start"] = "start"
    bot: str
    model: str | None = None
    host: str | None = None
    """The remote host that the prompt goes to; None for this machine."""
    reason: str | None = None
    """Why this bot, where nobody named it."""
    program: str | None = None
    """What is run, for a bot that is a program."""
    only: tuple[str, ...] = ()
    """Pathspecs of where it may write; none for everywhere."""

    def describe(self) -> str:
        """Name bot, model or program, and host, where it may write, and say why this one."""
        model = f" ({self.model or self.program})" if self.model or self.program else ""
        host = f" at {self.host}" if self.host else ""
        only = f", changes only in {', '.join(self.only)}" if self.only else ""
        return self.bot + model + host + only + (f": {self.reason}" if self.reason else "")


class FolioOpened(_Event):
    """HEAD moved from the origin branch to a new folio branch."""

    kind: Literal["open"] = "open"
    folio: int
    origin: str

    def describe(self) -> str:
        """Name folio, origin branch and the branch that is checked out now."""
        return f"folio {self.folio} on {self.origin}, now on draft/{self.folio}"


class FolioClosed(_Event):
    """A folio that got no draft was closed again."""

    kind: Literal["close"] = "close"
    folio: int
    origin: str

    def describe(self) -> str:
        """Name folio and the branch that is checked out now."""
        return f"folio {self.folio} again, now on {self.origin}"


class ModelLoading(_Event):
    """A model on this machine is read into memory."""

    kind: Literal["load"] = "load"
    model: str

    def describe(self) -> str:
        """Name the model."""
        return self.model


class ModelAsked(_Event):
    """A request was sent to the model."""

    kind: Literal["ask"] = "ask"
    turn: int

    def describe(self) -> str:
        """Name the turn."""
        return f"turn {self.turn}"


class TextArrived(_Event):
    """A piece of the model's reply came in; the whole is told by `ModelReplied`."""

    is_kept = False

    kind: Literal["text"] = "text"
    text: str
    """The piece: of what the model says, or, with `tool`, of a call's arguments as they are written."""
    is_thought: bool = False
    """Whether this is the model's reasoning, which is no part of its answer."""
    tool: str | None = None
    """The tool that is being called."""

    def describe(self) -> str:
        """Name what it is a piece of, and its size."""
        of = f"a call of {self.tool}" if self.tool else "a thought" if self.is_thought else "the answer"
        return f"{len(self.text)} characters of {of}"


class ModelReplied(_Event):
    """The model's reply is complete."""

    kind: Literal["reply"] = "reply"
    turn: int
    text: str = ""
    calls: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: Decimal | None = None

    @field_serializer("cost_usd")
    def _write_cost(self, cost_usd: Decimal | None) -> float | None:
        return None if cost_usd is None else float(cost_usd)  # a number, as in the JSON of a draft

    def describe(self) -> str:
        """Name turn, calls, and what it said, cut to a line."""
        said = " ".join(self.text.split())
        calls = f"{self.calls} call{'' if self.calls == 1 else 's'}"
        return f"turn {self.turn}, {calls}" + (f": {said[:80]}{'…' if len(said) > 80 else ''}" if said else "")


class FilesListed(_Event):
    """The bot listed files."""

    kind: Literal["list"] = "list"
    glob: str | None = None
    count: int

    def describe(self) -> str:
        """Name the pattern and the number of files."""
        return f"{self.glob or 'all files'}: {self.count}"


class FileRead(_Event):
    """The bot read a file."""

    kind: Literal["read"] = "read"
    path: str

    def describe(self) -> str:
        """Name the path."""
        return self.path


class FilesSearched(_Event):
    """The bot searched the files' contents."""

    kind: Literal["search"] = "search"
    pattern: str
    glob: str | None = None
    count: int

    def describe(self) -> str:
        """Name the pattern and the number of lines found."""
        return f"{self.pattern}{f' in {self.glob}' if self.glob else ''}: {self.count}"


class FilesIndexed(_Event):
    """Many files were new to the index of words."""

    kind: Literal["index"] = "index"
    count: int

    def describe(self) -> str:
        """Name the number of files."""
        return f"{self.count} files"


class FileWritten(_Event):
    """The bot made or changed a file."""

    kind: Literal["write"] = "write"
    path: str
    size_bytes: int

    def describe(self) -> str:
        """Name the path and its new size."""
        return f"{self.path} ({self.size_bytes} bytes)"


class FileDeleted(_Event):
    """The bot deleted a file."""

    kind: Literal["delete"] = "delete"
    path: str

    def describe(self) -> str:
        """Name the path."""
        return self.path


class FileRenamed(_Event):
    """The bot moved a file."""

    kind: Literal["rename"] = "rename"
    src_path: str
    dst_path: str

    def describe(self) -> str:
        """Name both paths."""
        return f"{self.src_path} -> {self.dst_path}"


class ToolFailed(_Event):
    """A call of the model did nothing; it was told why."""

    kind: Literal["tool-error"] = "tool-error"
    tool: str
    reason: str

    def describe(self) -> str:
        """Name the tool and the reason."""
        return f"{self.tool}: {self.reason}"


class OutputPrinted(_Event):
    """A bot that is a program printed a line."""

    kind: Literal["output"] = "output"
    line: str

    def describe(self) -> str:
        """Give the line."""
        return self.line


class QuestionAsked(_Event):
    """The bot asked the user something; `answer` is None where nobody could answer."""

    kind: Literal["question"] = "question"
    question: str
    answer: str | None = None

    def describe(self) -> str:
        """Give question and answer on a line."""
        return f"{self.question}{f' -> {self.answer}' if self.answer is not None else ' (open)'}"


class RequestRetried(_Event):
    """A request failed and is sent again after a wait."""

    kind: Literal["retry"] = "retry"
    reason: str
    wait_s: float

    def describe(self) -> str:
        """Give the reason and the wait."""
        return f"{self.reason}; again in {self.wait_s:.0f} s"


class Warned(_Event):
    """Something that the user should know, which stops nothing."""

    kind: Literal["warning"] = "warning"
    message: str

    def describe(self) -> str:
        """Give the message."""
        return self.message


class RunEnded(_Event):
    """The run is over."""

    kind: Literal["end"] = "end"
    outcome: str
    detail: str | None = None

    def describe(self) -> str:
        """Give the outcome and its detail."""
        return f"{self.outcome}{f': {self.detail}' if self.detail else ''}"


Event: TypeAlias = Annotated[
    RunStarted
    | FolioOpened
    | FolioClosed
    | ModelLoading
    | ModelAsked
    | TextArrived
    | ModelReplied
    | FilesListed
    | FileRead
    | FilesSearched
    | FilesIndexed
    | FileWritten
    | FileDeleted
    | FileRenamed
    | ToolFailed
    | OutputPrinted
    | QuestionAsked
    | RequestRetried
    | Warned
    | RunEnded,
    Field(discriminator="kind"),
]
"""Any of the above, told apart by `kind`."""


@cache
def _get_adapter() -> TypeAdapter[Event]:
    return TypeAdapter(Event)


def parse_event(text: str | bytes) -> Event:
    """Read an event from its JSON.

    Raises:
        ValueError: where the text is no event of this version.
    """
    return _get_adapter().validate_json(text)


def format_event(event: Event) -> str:
    """Write an event as JSON on one line."""
    return event.model_dump_json()
