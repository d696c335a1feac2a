"""Golden transcripts: a file of commands with what they print, run again and compared.

    # a remark
    $ git draft "fix it"          a command for the shell, in the current folder; `$ cd X` changes it
    ! asking scripted             standard error
    draft 1/1: Fixed (1 file +1)  standard output
    = 3                           the exit code, where it is not 0

`GIT_DRAFT_UPDATE=1` writes what was printed into the file, to be read before it is committed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A command, or a remark that is kept as it is."""

    line: str
    expected: str

    @property
    def command(self) -> str | None:
        """The command for the shell; None for a remark."""
        return self.line.removeprefix("$ ") if self.line.startswith("$ ") else None


def parse_transcript(text: str) -> Iterator[Step]:
    """Read a transcript."""
    line, expected = "", ""
    for each in text.splitlines(keepends=True):
        if each.startswith(("$ ", "# ")) or (not each.strip() and not line):
            if line:
                yield Step(line, expected)
            line, expected = each.rstrip("\n"), ""
            if line.startswith("#"):
                yield Step(line, "")
                line = ""
        else:
            expected += each
    if line:
        yield Step(line, expected)


def mask(text: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Take out what differs from one time to the next: folders, ids, ports, times."""
    for path, name in ((folder, "<folder>"), (Path(environ["HOME"]), "~")):
        text = text.replace(str(path), name)
    text = re.sub(r"\b[0-9a-f]{10,40}\b", "<id>", text)
    text = re.sub(r"(?m)^(index |.*Merge: )([0-9a-f]{7,})(\.\.| )([0-9a-f]{7,})", _mask_pair, text)
    text = re.sub(r"(Date: +).*", r"\1<time>", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>", text)
    text = re.sub(r"\b\d+ (second|minute)s? ago", "<age>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?", "<time>", text)
    text = re.sub(r"\d+\.\d+ s\b", "<span>", text)
    text = re.sub(r"again in \d s\b", "again in <span>", text)  # longer by chance
    return re.sub(r'("walltime_s": )[\d.]+', r"\1<span>", text)


def _mask_pair(found: re.Match[str]) -> str:
    sides = (side if set(side) == {"0"} else "<id>" for side in (found[2], found[4]))
    return found[1] + found[3].join(sides)


def run_transcript(text: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run the commands of a transcript and give it with what they print now."""
    here, result = folder, ""
    for step in parse_transcript(text):
        result += step.line + "\n"
        if step.command is None:
            continue
        if step.command.startswith("cd "):
            here = folder / step.command.removeprefix("cd ").strip()
            continue
        done = subprocess.run(
            ["sh", "-c", step.command],
            cwd=here,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=120,
            check=False,
        )
        result += "".join(f"! {line}\n" for line in mask(done.stderr, folder, environ).splitlines())
        result += "".join(f"{line}\n" for line in mask(done.stdout, folder, environ).splitlines())
        result += f"= {done.returncode}\n" if done.returncode else ""
    return result
