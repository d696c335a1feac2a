"""Skipping for want of a program, and the rule that nothing is skipped under CI unawares.

A pytest plugin, loaded by `tests/conftest.py`. With ``CI=true`` a skip is a failure unless `tests/skips.txt` lists the
test with a reason.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

SKIPS_FILE = "tests/skips.txt"


def require_program(name: str, *, package: str) -> str:
    """Give the path of a program; skip the test, naming the package to install, where it is missing."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is missing: apt-get install {package}")
    return path


def parse_skips(text: str) -> dict[str, str]:
    """Read the tests that may be skipped under CI: a line ``<test id> — <reason>`` each, ``#`` for comments.

    Raises:
        ValueError: where a line has no reason.
    """
    skips = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        test_id, _, reason = line.partition(" — ")
        if not reason.strip():
            raise ValueError(f"no reason is given: {line}")
        skips[test_id.strip()] = reason.strip()
    return skips


def _find_unlisted(report: pytest.TestReport | pytest.CollectReport, root: Path) -> str | None:
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return None
    listed = root / SKIPS_FILE
    if listed.exists() and report.nodeid in parse_skips(listed.read_text(encoding="utf-8")):
        return None
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"{reason}\nUnder CI nothing is skipped, unless {SKIPS_FILE} lists {report.nodeid} with a reason."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn an unlisted skip of a test into a failure."""
    report = yield
    unlisted = _find_unlisted(report, item.config.rootpath)
    if unlisted:
        report.outcome, report.longrepr = "failed", unlisted
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn an unlisted skip of a whole module into a failure."""
    report = yield
    unlisted = _find_unlisted(report, collector.config.rootpath)
    if unlisted:
        report.outcome, report.longrepr = "failed", unlisted
    return report
