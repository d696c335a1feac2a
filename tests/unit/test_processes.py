"""Which processes are alive: those that run, not those that have ended and that nobody has asked after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from git_draft.processes import is_alive, read_start


def test_process_that_runs_is_alive_and_its_number_alone_is_not_enough() -> None:
    assert is_alive(os.getpid(), read_start(os.getpid()))
    assert not is_alive(os.getpid(), "another moment")


def test_process_that_was_killed_is_dead_before_and_after_its_parent_asks() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = read_start(process.pid)
    assert is_alive(process.pid, start)
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert not is_alive(process.pid, start)
    process.communicate()
    assert not is_alive(process.pid, start)
