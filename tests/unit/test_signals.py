"""What asks to stop is put off where half done is worse than done."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from git_draft.signals import STOPPING, put_off


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_comes_after_the_block(number: signal.Signals) -> None:
    seen: list[str] = []
    before = signal.signal(number, lambda _number, _frame: seen.append("signal"))
    try:
        with put_off():
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            seen.append("done")
        assert seen == ["done", "signal"]
        os.kill(os.getpid(), number)
        assert seen == ["done", "signal", "signal"]
    finally:
        signal.signal(number, before)


def test_a_signal_comes_also_after_an_error() -> None:
    def fail() -> None:
        with put_off():
            os.kill(os.getpid(), signal.SIGINT)
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        fail()


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with put_off():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_have_no_signals() -> None:
    seen: list[bool] = []

    def run() -> None:
        with put_off():
            seen.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [True]
