"""Options and arguments that several commands have, in the words of their help. Called by `app.py`."""

from __future__ import annotations

from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but warnings and the result.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more: the model's own words, each call.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Print what would be sent, to whom, and what is withheld; send nothing.")
]
DraftArgument = Annotated[
    str | None,
    typer.Argument(metavar="DRAFT", help="3/2, 2 (active folio), @ (its newest), 3/ (newest of folio 3), or a ref."),
]
Template = Annotated[
    str | None,
    typer.Option("-t", "--template", metavar="NAME", help="Make the prompt of a template; its arguments follow."),
]
Edit = Annotated[bool, typer.Option("-e", "--edit", help="Look the prompt over in the editor first.")]
Bot = Annotated[str | None, typer.Option("-b", "--bot", metavar="NAME", help="Which bot.")]
Model = Annotated[str | None, typer.Option("-m", "--model", metavar="NAME", help="Which model.")]
Option = Annotated[
    list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="A bot option; repeatable.")
]
On = Annotated[str | None, typer.Option("--on", metavar="DRAFT", help="Go on from that draft: its tree, its prompts.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PATHSPEC", help="The bot reads all and changes only there; repeatable."),
]
Count = Annotated[
    int,
    typer.Option("-n", metavar="N", show_default=False, help="Make N drafts side by side, up to 16, from one state."),
]
Merge = Annotated[
    str | None,
    typer.Option(
        "--merge",
        metavar="STRATEGY",
        help="Merge the draft, or alone the newest unmerged one: ours, theirs, ignore-space-change, ignore-all-space,"
        " ignore-space-at-eol, ignore-cr-at-eol, find-renames, or default.",
    ),
]
Accept = Annotated[bool, typer.Option("-a", "--accept", help="Merge, with draft.merge or by default.")]
Leave = Annotated[bool, typer.Option("--quit", help="Leave the folio, after drafting and merging or alone.")]
Batch = Annotated[bool, typer.Option("--batch", help="Never ask: questions of the bot are kept for later.")]
By = Annotated[str | None, typer.Option("--by", metavar="WHAT", help="A row for each bot, model, template or day.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only drafts since then: 2.weeks, yesterday, 2026-11-01.")
]
