"""The command line: the only rooms that know typer and that print."""
