"""What is known of an endpoint and a model: learned from answers and errors, kept from run to run, overruled by options.

`git draft bots --check` shows it and can forget it. The values are in SQLite, behind `git_draft.protocols.Memory`; a
bot makes a `Capabilities` when its model is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from git_draft.frozen import frozen
from git_draft.protocols import Memory

Api = Literal["chat", "responses"]
Edits = Literal["tools", "blocks"]

KEYS: Mapping[str, str] = {
    "api": "the API that works: chat or responses",
    "edits": "how it makes changes: tools, or blocks for edits as text",
    "refused": "what requests are sent without",
    "context": "tokens that its context holds",
    "usage": "whether it reports what was used",
}
"""What is learned, by the name under which it is remembered."""


@frozen
class Capabilities:
    """What is known of one model at one endpoint.

    Args:
        memory: what was learned; what is learned here goes there.
        endpoint: the base URL, without user and password.
        model: the model's name.
        given: what options say instead, by the names of `KEYS`; it is not written down.
    """

    memory: Memory
    endpoint: str
    model: str
    given: Mapping[str, str]

    def find(self, key: str) -> str | None:
        """Find what the options say, or what was learned."""
        return self.given.get(key) or self.memory.recall(self.endpoint, self.model, key)

    def learn(self, key: str, value: str) -> None:
        """Remember something, unless it is known already."""
        if self.memory.recall(self.endpoint, self.model, key) != value:
            self.memory.learn(self.endpoint, self.model, key, value)

    def forget(self) -> None:
        """Forget all that was learned of this model here."""
        self.memory.forget(self.endpoint, self.model)

    @property
    def api(self) -> Api | None:
        """The API that works, as far as it is known."""
        api = self.find("api")
        return "responses" if api == "responses" else "chat" if api == "chat" else None

    @property
    def edits(self) -> Edits | None:
        """How the model makes changes, as far as it is known."""
        edits = self.find("edits")
        return "blocks" if edits == "blocks" else "tools" if edits == "tools" else None

    @property
    def refused(self) -> frozenset[str]:
        """What requests are sent without; given and learned count together."""
        texts = (self.given.get("refused"), self.memory.recall(self.endpoint, self.model, "refused"))
        return frozenset(name for text in texts for name in (text or "").split(",") if name)

    def learn_refused(self, names: Collection[str]) -> None:
        """Remember what requests are sent without from now on."""
        self.learn("refused", ",".join(sorted(self.refused | set(names))))

    @property
    def context_tokens(self) -> int | None:
        """The size of the context, in tokens."""
        text = self.find("context") or ""
        return int(text) if text.isdecimal() and text.isascii() else None

    def learn_context(self, tokens: int) -> None:
        """Remember the size of the context."""
        self.learn("context", str(tokens))
