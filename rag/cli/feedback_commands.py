"""rag feedback: export."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from index.store.files import replace_file
from rag.cli import printing
from rag.service import Service
from rag.settings import load_settings

feedback_app = typer.Typer(
    help="What people thought of answers.", no_args_is_help=True, rich_markup_mode=None, callback=lambda: None
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Out = Annotated[Path, typer.Option(help="File for the questions; those still to be judged go beside it.")]


@feedback_app.command()
def export(out: Out, json: Json = False) -> None:
    """Write what people judged as a question set for `rag evaluate`, while a server runs or not.

    What nobody has judged yet goes to a file of its own, …_to_judge.jsonl, which `rag evaluate` refuses
    row by row. Exit status 1 if there is no feedback.
    """
    from rag.content.feedback_questions import exported, jsonl, standing
    from rag.content.feedback_store import Wanted

    with closing(Service.open(load_settings(), writable=False)) as service:
        entries = service.feedback.entries(Wanted())
        made = service.steadily(lambda: exported(entries, lambda shown: standing(shown, service.index)))
    beside = out.with_name(f"{out.name.removesuffix('.jsonl')}_to_judge.jsonl")
    replace_file(out, jsonl(made.questions))
    if made.to_judge or beside.exists():  # nothing of an earlier export may stay there
        replace_file(beside, jsonl(made.to_judge))
    if json:
        counts = {"questions": len(made.questions), "to_judge": len(made.to_judge)}
        printing.as_json(counts | {"out": str(out), "to_judge_out": str(beside) if made.to_judge else None})
    elif entries:
        print(f"{len(made.questions)} questions in {out}")
        if made.to_judge:
            print(f"{len(made.to_judge)} to be judged in {beside}: give each its 'answers', take 'to_be_judged' out")
    else:
        print("there is no feedback", file=sys.stderr)
    raise typer.Exit(0 if entries else 1)
