"""Lets ``python -m git_draft`` do what the ``git-draft`` program does."""

from git_draft.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
