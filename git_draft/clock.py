"""The machine's own clock. asyncio is loaded when somebody waits, which what moves refs never does."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present moment in the local time zone."""
        return datetime.now(UTC).astimezone()

    def monotonic_s(self) -> float:
        """Give seconds since an arbitrary start."""
        import asyncio

        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio

        await asyncio.sleep(seconds)
