"""The program: one short function for each command, which says what its options are.

What the commands do is in `making.py` (they make drafts), `taking.py` (they merge and leave), `looking.py` (they only look) and others,
imported by the functions themselves, so that looking around does not pay for talking to models.
"""

from __future__ import annotations

from typing import Annotated

import typer

from git_draft.cli.commands import get_command, list_options
from git_draft.cli.line import DEFAULT_COMMAND, Line, get_prompt
from git_draft.cli.options import (
    Accept,
    Batch,
    Bot,
    By,
    Count,
    DraftArgument,
    Edit,
    Explain,
    Json,
    Leave,
    Merge,
    Model,
    On,
    Only,
    Option,
    Quiet,
    Since,
    Template,
    Verbose,
)
from git_draft.cli.wishes import Manner, Wish

app = typer.Typer(
    name="git draft",
    help='Ask a model to change the code; what it makes becomes a commit under refs/drafts.\n\nWithout a command: git draft [OPTIONS] [PROMPT] makes a draft, as "git draft new" does.',
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_help_option=False,
    subcommand_metavar="COMMAND [OPTIONS]",
)


def _run_new(wish: Wish, manner: Manner) -> None:
    if wish.explain:
        from git_draft.cli import making

        making.run_explain(wish, manner)
    elif wish.wants_draft:
        from git_draft.cli import beginning

        beginning.run_new(wish, manner)
    else:
        from git_draft.cli import taking

        taking.run_without_draft(wish, manner)


@app.command(add_help_option=False)
def new(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT", help="What to change; - reads standard input; without it the editor opens."),
    ] = None,
    template: Template = None,
    edit: Edit = False,
    bot: Bot = None,
    model: Model = None,
    option: Option = None,
    on: On = None,
    only: Only = None,
    explain: Explain = False,
    count: Count = 1,
    merge: Merge = None,
    accept: Accept = False,
    leave: Leave = False,
    batch: Batch = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make a draft; merge it and leave the folio where asked."""
    line: Line = ctx.obj
    _run_new(
        Wish(
            prompt=get_prompt(words or [], line.rest),
            edit=edit,
            bot=bot,
            model=model,
            options=tuple(option or ()),
            on=on,
            strategy=merge,
            accept=accept,
            leave=leave,
            only=tuple(only or ()),
            count=count,
            explain=explain,
            template=template,
            arguments=line.arguments,
            options_of_ours=line.options,
        ),
        Manner(is_json=json, is_quiet=quiet, is_verbose=verbose, is_batch=batch),
    )


@app.command(add_help_option=False)
def again(
    draft: DraftArgument = None,
    edit: Edit = False,
    bot: Bot = None,
    model: Model = None,
    option: Option = None,
    on: On = None,
    only: Only = None,
    explain: Explain = False,
    count: Count = 1,
    merge: Merge = None,
    accept: Accept = False,
    leave: Leave = False,
    batch: Batch = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Ask a recorded prompt once more, on today's state."""
    _run_new(
        Wish(
            prompt=None,
            edit=edit,
            bot=bot,
            model=model,
            options=tuple(option or ()),
            on=on,
            strategy=merge,
            accept=accept,
            leave=leave,
            only=tuple(only or ()),
            count=count,
            explain=explain,
            is_again=True,
            again=draft,
        ),
        Manner(is_json=json, is_quiet=quiet, is_verbose=verbose, is_batch=batch),
    )


@app.command(add_help_option=False)
def pick(
    ctx: typer.Context,
    draft: DraftArgument = None,
    patch: Annotated[bool, typer.Option("-p", "--patch", help="Choose hunks, as in git add -p.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a smaller draft of one, of paths after -- or of hunks."""
    from git_draft.cli import making

    line: Line = ctx.obj
    making.run_pick(draft, line.rest or (), Manner(is_json=json, is_quiet=quiet), by_hunks=patch)


@app.command(add_help_option=False)
def merge(
    draft: DraftArgument = None,
    strategy: Annotated[
        str | None,
        typer.Option("-X", "--strategy", metavar="STRATEGY", help="As for --merge; else draft.merge, else default."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Merge a draft of the active folio.

    Its newest unmerged one, if none is named.
    """
    from git_draft.cli import taking

    taking.run_merge(draft, strategy, Manner(is_json=json, is_quiet=quiet))


@app.command("quit", add_help_option=False)
def quit_command(
    force: Annotated[
        bool,
        typer.Option("-f", "--force", help="Leave commits of your own on the folio branch behind, without asking."),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go back to the origin branch, with every file as it is."""
    from git_draft.cli import taking

    taking.run_quit(Manner(is_json=json, is_quiet=quiet), force=force)


@app.command(add_help_option=False)
def undo(json: Json = False, quiet: Quiet = False) -> None:
    """Take back the last merge, quit or undo, index and files too."""
    from git_draft.cli.history import run_undo

    run_undo(is_json=json, is_quiet=quiet)


@app.command(add_help_option=False)
def drop(
    draft: DraftArgument = None,
    folio: Annotated[int | None, typer.Option("--folio", metavar="N", help="A folio with all that is in it.")] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="SPAN", help="Drafts older than 30d, 12h, 4w or 1y; folios that are."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything but folios that are active.")] = False,
    force: Annotated[bool, typer.Option("-f", "--force", help="Do not ask.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Remove drafts or folios with their records; asks first."""
    from git_draft.cli.history import Drop, run_drop

    run_drop(Drop(draft, folio, older_than, everything, force), is_json=json, is_quiet=quiet)


@app.command(add_help_option=False)
def stop(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="Its number in git draft list; the only one if none is named.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """End a run under way, and keep what it made."""
    from git_draft.cli.stopping import run_stop

    run_stop(run, is_json=json, is_quiet=quiet)


@app.command("list", add_help_option=False)
def list_command(
    folio: Annotated[str | None, typer.Option("--folio", metavar="N", help="Only this folio, left or not.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Folios that were left, too.")] = False,
    json: Json = False,
) -> None:
    """List folios with their drafts, newest first, and runs."""
    from git_draft.cli import looking

    looking.run_list(every=every, is_json=json, folio=folio)


@app.command(add_help_option=False)
def stats(
    by: By = None,
    since: Since = None,
    json: Json = False,
) -> None:
    """Count drafts: merged, failed, tokens, cost, time."""
    from git_draft.cli import figures

    figures.run_stats(by=by, since=since, is_json=json)


@app.command(add_help_option=False)
def show(
    draft: DraftArgument = None,
    stat: Annotated[bool, typer.Option("--stat", help="Files and lines instead of the diff.")] = False,
    record: Annotated[bool, typer.Option("--record", help="The record alone.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="The prompt alone, as it was given.")] = False,
) -> None:
    """Show a draft: its record, then its diff, in git's pager.

    The newest of the active folio if none is named.
    """
    from git_draft.cli import looking

    looking.run_show(draft, looking.Parts(stat, record, prompt))


@app.command(add_help_option=False)
def log(
    folio: Annotated[int | None, typer.Argument(metavar="FOLIO", help="Only this folio.", min=1)] = None,
) -> None:
    """Show the commit graph of drafts with their notes."""
    from git_draft.cli import looking

    looking.run_log(folio)


@app.command(add_help_option=False)
def events(
    draft: DraftArgument = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="All that is known of each, cut.")] = False,
    json: Json = False,
) -> None:
    """List what the bots did, a line for each event.

    In the active folio, if no draft is named.
    """
    from git_draft.cli import looking

    looking.run_events(draft, is_json=json, is_verbose=verbose)


@app.command(add_help_option=False)
def fsck(
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right what can be; nothing of yours is removed.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find where refs, notes and the index of drafts disagree."""
    from git_draft.cli.doctor import run_fsck

    run_fsck(repair=repair, is_json=json, is_quiet=quiet)


@app.command(add_help_option=False)
def templates(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Print this one.")] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Open it in the editor; your own copy, made where there is none.")
    ] = False,
    json: Json = False,
) -> None:
    """List the templates of prompts; print one, or edit it."""
    from git_draft.cli.templates import run_templates

    run_templates(name, list_options(get_command(app, DEFAULT_COMMAND)), edit=edit, is_json=json)


@app.command(add_help_option=False)
def bots(
    action: Annotated[str | None, typer.Argument(metavar="add", help="Write a bot to the configuration.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="What it is called.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", metavar="URL", help="For add: its server.")] = None,
    model: Annotated[str | None, typer.Option("-m", "--model", metavar="NAME", help="Which model.")] = None,
    api_key: Annotated[
        str | None, typer.Option("--api-key", metavar="'$NAME'", help="For add: the variable that holds its key.")
    ] = None,
    factory: Annotated[str | None, typer.Option("--factory", metavar="NAME", help="For add: else openai.")] = None,
    option: Annotated[
        list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="A bot option; repeatable.")
    ] = None,
    bot: Annotated[str | None, typer.Option("-b", "--bot", metavar="NAME", help="Which one to check.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Find out by a tiny request what its server and model can do.")
    ] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Forget before what was learned of them.")] = False,
    json: Json = False,
) -> None:
    """List the bots and which would be used; add one, check one."""
    from git_draft.cli import bots as commands

    asked = commands.BotsWish(action, name, base_url, model, api_key, factory, tuple(option or ()), bot, check, reset)
    commands.run_bots(asked, is_json=json)


@app.command(add_help_option=False)
def models(
    action: Annotated[str | None, typer.Argument(metavar="pull", help="Download a model, checked by its hash.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which one; the default if none is named.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List models that need no server; with pull, get one."""
    from git_draft.cli.models import run_models

    run_models(action, name, is_json=json, is_quiet=quiet)


@app.command(add_help_option=False)
def completion(
    shell: Annotated[str | None, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")] = None,
) -> None:
    """Print a script that completes the line in a shell.

    Its first lines say where it goes.
    """
    from git_draft.cli.completion import run_completion
    from git_draft.cli.prompting import open_shelf

    run_completion(app, shell, open_shelf(None, list_options(get_command(app, DEFAULT_COMMAND))))
