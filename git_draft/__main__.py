"""The program: what `git-draft` and `python -m git_draft` start."""

import gc

_OBJECTS_TILL_A_LOOK = 100_000
"""So many new objects, and the garbage collector looks for cycles; Python's own number is 700."""


def run() -> int:
    """Run git-draft on the process's arguments and give its exit code."""
    # What modules are made of lives until the end: to look for garbage in it, at the start and at the end, is a sixth
    # of what a command takes that speaks to no model.
    gc.set_threshold(_OBJECTS_TILL_A_LOOK)
    try:
        from git_draft.cli.dispatch import main

        return main()
    except KeyboardInterrupt:  # while modules are still being loaded
        return 130
    finally:
        gc.freeze()


if __name__ == "__main__":
    raise SystemExit(run())
