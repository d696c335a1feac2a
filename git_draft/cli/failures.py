"""The one error boundary: what went wrong becomes lines on standard error and an exit code.

Expected failures are a line ``error: …``, and where one helps ``hint: …``; anything else is a bug, its traceback goes to
a file. Called by `app.main` alone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer

from git_draft import __version__
from git_draft.cli.render import clean
from git_draft.errors import AttentionError, GitDraftError, OwnCommitsError
from git_draft.folders import find_state_folder

EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_USAGE = 2


def run_guarded(command: Callable[[], int], environ: Mapping[str, str]) -> int:
    """Run a command and give its exit code; whatever it raises is said."""
    try:
        status = command()
        sys.stdout.flush()
    except GitDraftError as error:
        _say_failure(error)
        return error.exit_code
    except typer.Abort:
        return _say_interrupted()
    except typer.TyperException as error:  # what typer says of a line that it can't parse
        _say("error", _describe_usage(error))
        _say("hint", "git draft -h")
        return EXIT_USAGE
    except KeyboardInterrupt:
        return _say_interrupted()
    except BrokenPipeError:  # the reader of our output, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a permission that is missing
        where = f"{error.filename}: " if error.filename else ""
        _say("error", f"{where}{error.strerror or error}")
        return 1
    except Exception as error:
        return _report_bug(error, environ)
    return status


def _say(word: str, text: str) -> None:
    print(f"{word}: {clean(text)}", file=sys.stderr)


def _say_interrupted() -> int:
    print("interrupted", file=sys.stderr)
    return EXIT_INTERRUPTED


def _say_failure(error: GitDraftError) -> None:
    _say("attention" if isinstance(error, AttentionError) else "error", error.message)
    if isinstance(error, OwnCommitsError):
        for commit in error.commits:
            print(f"    {clean(commit)}", file=sys.stderr)
    for line in (error.hint or "").splitlines():
        _say("hint", line)


def _describe_usage(error: typer.TyperException) -> str:
    message = " ".join(error.format_message().split()).removesuffix(".").partition(", unable to parse")[0]
    return message[:1].lower() + message[1:]


def _report_bug(error: Exception, environ: Mapping[str, str]) -> int:
    import tempfile

    from git_draft.log import find_log_path, hide_secrets  # takes time to load, which commands that do well need not

    head = f"git-draft {__version__}, Python {sys.version}, {sys.platform}\n"
    text = hide_secrets("".join([head, *traceback.format_exception(error)]))
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in (find_state_folder(environ), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(text, "utf-8", "replace")
        except OSError:
            continue
        break
    _say("error", hide_secrets(f"a bug in git-draft: {type(error).__name__}: {error}"))
    log = find_log_path(environ)
    more = f" and the end of the log, {log}" if log.exists() else ""
    _say("hint", f"please report it, with {folder / name}{more}")
    return EXIT_BUG
