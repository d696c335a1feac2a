"""Finds out what an endpoint can do, by the list of its models and one tiny conversation.

Called by `openai.py` for `git draft bots --check`; what is learned on the way is remembered like that of any run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from git_draft.bots.capability import Api, Capabilities
from git_draft.bots.endpoint import Endpoint
from git_draft.bots.offers import OfferedModel
from git_draft.bots.replies import ChatModel, Message, Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.transports import EitherApi
from git_draft.frozen import frozen
from git_draft.model import Finding
from git_draft.toolbox import TOOLS

_TOOLS = tuple(tool for tool in TOOLS if tool.name == "finish")
_MESSAGES: Sequence[Message] = (
    {"role": "system", "content": "You are being tested."},
    {"role": "user", "content": 'Call the tool finish with the title "ok".'},
)
_UNLISTED = frozenset({404, 405, 501})


@frozen
class Offers:
    """What a server said when it was asked for its models.

    Args:
        models: those that it lists.
        error: why it lists none.
    """

    models: Sequence[OfferedModel] = ()
    error: RequestError | None = None

    @property
    def is_answer(self) -> bool:
        """Whether a server is there and takes the key, as far as this shows."""
        return self.error is None or self.error.status in _UNLISTED


def describe_offers(endpoint: Endpoint, offers: Offers, model: str | None) -> Iterator[Finding]:
    """Tell whether a server is there, takes the key and has the model."""
    error = offers.error
    if error is not None and error.status is None:
        yield Finding("reachable", error.reason, is_ok=False, hint=error.hint)
        return
    yield Finding("reachable", endpoint.base_url)
    if error is not None and not offers.is_answer:
        yield Finding("key", error.reason, is_ok=False, hint=error.hint)
        return
    if not offers.models:
        yield Finding("models", "it lists none")
    elif model is None:
        some = ", ".join(each.name for each in offers.models[:8]) + (", …" if len(offers.models) > 8 else "")
        yield Finding("models", some)
    else:
        is_listed = any(each.name == model for each in offers.models)
        count = (
            f"of {len(offers.models)} that it lists" if is_listed else f"not among the {len(offers.models)} it lists"
        )
        yield Finding("model", f"{model}, {count}")


async def converse(model: EitherApi, known: Capabilities, *, has_key: bool) -> Sequence[Finding]:
    """Have one tiny conversation and tell what it shows.

    Args:
        model: who answers.
        known: where it is remembered.
        has_key: whether a key is sent.
    """
    try:
        reply = await _ask(model, known)
    except RequestError as error:
        return [Finding("answer", error.reason, is_ok=False, hint=error.hint)]
    return [
        Finding("key", "accepted" if has_key else "none is sent, none is needed"),
        *_describe(reply, model.api, known),
    ]


async def _ask(model: ChatModel, known: Capabilities) -> Reply:
    try:
        reply = await model.reply(_MESSAGES, _TOOLS)
    except RequestError as error:
        if error.fault is not Fault.TOOLS:
            raise
        known.learn("edits", "blocks")
        return await model.reply(_MESSAGES, ())
    if reply.calls:
        known.learn("edits", "tools")
    known.learn("usage", "yes" if reply.usage.tokens_in is not None else "no")
    return reply


def _describe(reply: Reply, api: Api, known: Capabilities) -> Iterator[Finding]:
    yield Finding("answer", "yes")
    yield Finding("api", "Responses" if api == "responses" else "chat completions")
    if known.edits == "blocks" and not reply.calls:
        yield Finding("tools", "not called; edits are written as text")
    else:
        yield Finding("tools", "called" if reply.calls else "not called this time; a run finds out")
    yield Finding("streaming", "yes" if reply.is_streamed else "no")
    usage = reply.usage
    yield Finding("usage", "reported" if usage.tokens_in is not None else "not reported, so the cost stays unknown")
    context = known.context_tokens
    yield Finding("context size", f"{context:,} tokens" if context else "not said; learned when it is reached")
    if known.refused:
        yield Finding("sent without", ", ".join(sorted(known.refused)))
