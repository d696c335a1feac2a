"""A clock for tests: it stands still until somebody sleeps, and then jumps."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements `git_draft.protocols.Clock` without ever waiting.

    Args:
        start: the first moment, aware.
        step_s: how far each look at the clock moves it.
    """

    def __init__(self, start: datetime = datetime(2024, 5, 17, 12, 0, tzinfo=UTC), *, step_s: float = 0) -> None:
        self._start = start
        self._step_s = step_s
        self._elapsed_s = 0.0
        self.slept_s: list[float] = []

    def now(self) -> datetime:
        """Give the moment that sleeping has led to."""
        return self._start + timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        """Give the seconds slept so far."""
        self._elapsed_s += self._step_s
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        """Jump ahead, letting other tasks run."""
        self.slept_s.append(seconds)
        self._elapsed_s += seconds
        await asyncio.sleep(0)
