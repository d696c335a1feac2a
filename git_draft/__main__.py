"""Lets ``python -m git_draft`` do what the ``git-draft`` program does."""

if __name__ == "__main__":
    try:
        from git_draft.cli.dispatch import main

        status = main()
    except KeyboardInterrupt:  # while modules are still being loaded
        status = 130
    raise SystemExit(status)
