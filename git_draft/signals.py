"""The signals that ask a program to stop, and how to put them off where half done is worse than done.

Called by running (a bot may be stopped at any time), by what moves refs and files (which may not), and by sources.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def handled(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have what asks to stop handled, but for what is ignored, as under nohup or behind a script's `&`."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    taken = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Put off what asks to stop until the end of the block, then let it happen."""
    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    arrived: list[int] = []
    try:
        with handled(lambda number, _frame: arrived.append(number)):
            yield
    finally:
        if arrived:
            signal.raise_signal(arrived[0])
