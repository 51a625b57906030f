"""rag evaluate: question sets in, figures and a report out.

Exit status: 0 done; 1 significantly worse than the baseline (with --gate); 2 wrong use, or some rows
or questions could not be used (the others are scored); 3 the server or the index cannot be used;
130 interrupted (the same command goes on where it stopped).
"""

from pathlib import Path
from typing import Annotated

import typer

Sets = Annotated[
    list[Path], typer.Argument(help="Question sets: JSONL, CSV, BEIR folders, folders with TREC topics and qrels.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for results, runs and report; a run in it is gone on with.")]
Baseline = Annotated[Path | None, typer.Option(help="Folder of an earlier run to compare with.")]
Gate = Annotated[bool, typer.Option("--gate", help="Exit status 1 if significantly worse than the baseline.")]
Url = Annotated[str | None, typer.Option(help="Ask the server at this address instead of this process.")]
KeyFile = Annotated[
    Path | None, typer.Option(help="File whose first line is the API key for --url; else RAG_API_KEY is sent, if set.")
]
Concurrency = Annotated[int | None, typer.Option(min=1, max=64, help="Questions asked at once: 1, or 4 with --url.")]
Modes = Annotated[
    bool, typer.Option("--modes", "--legs", help="Compare the whole with each index and each lexical field alone.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first questions of each set.")]
Haystack = Annotated[
    list[Path] | None, typer.Option(help="JSONL files, or folders of them, whose texts are put beside the index.")
]
HaystackSize = Annotated[int, typer.Option(min=1, help="How many of these texts.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def evaluate(
    sets: Sets,
    out: Out = None,
    baseline: Baseline = None,
    gate: Gate = False,
    url: Url = None,
    key_file: KeyFile = None,
    concurrency: Concurrency = None,
    modes: Modes = False,
    limit: Limit = None,
    haystack: Haystack = None,
    haystack_size: HaystackSize = 50_000,
    json: Json = False,
) -> None:
    """Ask every question of the sets and score what comes back, against a baseline if one is given."""
    from rag.evaluation.evaluate import Options, run

    files, hay = tuple(sets), tuple(haystack or ())
    options = Options(files, out, baseline, gate, url, key_file, concurrency, modes, limit, hay, haystack_size, json)
    raise typer.Exit(run(options))


if __name__ == "__main__":
    typer.run(evaluate)
