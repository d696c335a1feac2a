"""Shells that complete a line with the scripts of `git draft completion`."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from tests.support.skips import require_program

GIT_COMPLETION = Path("/usr/share/bash-completion/completions/git")
"""Where git's package has its completion for bash."""

_BASH = """\
source {git}
source {script}
read -ra COMP_WORDS <<<"$1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_LINE=$1 COMP_POINT=${{#1}}
{function}
((${{#COMPREPLY[@]}})) && printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# zsh completes only where somebody types; what it would be given is found without that
_ZSH = """\
autoload -U compinit && compinit -D
source {script}
words=(${{=1}})
[[ $1 == *' ' ]] && words+=('')
__git_draft_look "${{(@)words[{first},-1]}}"
__git_draft_list $kind | while IFS= read -r line; do
    [[ $line == "$current"* ]] && print -r -- "${{line%%$'\\t'*}}"
done
"""


def complete(shell: str, script: Path, line: str, folder: Path) -> list[str]:
    """Give what a shell offers for the end of a line.

    Args:
        shell: ``bash``, ``zsh`` or ``fish``.
        script: what `git draft completion` printed for it.
        line: ``git draft …`` or ``git-draft …``.
        folder: where it is typed.
    """
    require_program(shell, package=shell)
    is_git = line.startswith("git ")
    if shell == "bash":
        function = "__git_wrap__git_main" if is_git else "_git_draft_alone"
        program = _BASH.format(git=GIT_COMPLETION, script=shlex.quote(str(script)), function=function)
        words = ["bash", "--norc", "-c", program, "bash", line]
    elif shell == "zsh":
        words = ["zsh", "-f", "-c", _ZSH.format(script=shlex.quote(str(script)), first=3 if is_git else 2), "zsh", line]
    else:
        words = ["fish", "-c", f"source {shlex.quote(str(script))}; complete -C {shlex.quote(line)}"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=os.environ, check=False)
    assert done.stderr == "", done.stderr
    # bash ends what is complete by a blank, fish says what it means
    return [each.partition("\t")[0].rstrip(" ") for each in done.stdout.splitlines()]
