"""rag index: build, add, remove, list, verify, stats."""

import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from index.building import Progress
from rag.cli import printing
from rag.cli.filter_options import takes_filter
from rag.content.ingest import Ingest, ingest
from rag.content.rereading import Rereading, reread
from rag.content.similar_questions import orphans
from rag.query.filters import Filter, passing
from rag.service import Service, build_index
from rag.settings import load_settings

index_app = typer.Typer(help="Build, change and check the index.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@index_app.command()
def build(json: Json = False) -> None:
    """Bring the index up to the bundled corpus, the encoder and the splitter; does nothing where all is current."""
    with printing.progress() as progress:
        built = build_index(load_settings(), progress)
    if json:
        printing.as_json(asdict(built))
        return
    deeds = f"{built.added} added, {built.replaced} replaced, {built.removed} removed, {built.unchanged} unchanged"
    anew = f", {built.encoded_anew} encoded anew" if built.encoded_anew else ""
    print(f"index: {deeds}{anew}; {built.passages} passages, generation {built.generation}")


@index_app.command()
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files, folders (recursively), zip archives, JSONL files of rows, or - for stdin."),
    ],
    name: Annotated[str, typer.Option(help="File name that stdin stands for: it tells the format and the id.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a file replace what was read from another file of the same name.")
    ] = False,
    json: Json = False,
) -> None:
    """Add what is new or changed. Bad files are listed and the others kept. Run it again to go on after Ctrl-C.

    Exit status 2 if any file was bad, 130 if it was interrupted.
    """
    with printing.progress() as progress, closing(_open_for_changes(progress)) as service:
        done = ingest(service.index, service.originals, paths, progress, name, replacing=replace)
        lost = len(orphans(service.index, {one for outcome in done.outcomes for one in outcome.documents}))
    _print_ingest(done, lost, json)
    raise typer.Exit(130 if done.interrupted else 2 if done.bad else 0)


@index_app.command()
def remove(ids: list[str], json: Json = False) -> None:
    """Delete documents by id, and the similar questions added to them. Exit status 1 if one was not there."""
    with printing.progress() as progress, closing(_open_for_changes(progress)) as service:
        missing = [one for one in ids if one not in service.index.snapshot.documents]
        generation = service.remove(ids)
    if json:
        removed = [one for one in ids if one not in missing]
        printing.as_json({"removed": removed, "missing": missing, "generation": generation})
    else:
        print(f"removed {len(ids) - len(missing)} documents, generation {generation}")
        for one in missing:
            print(f"not in the index: {one}", file=sys.stderr)
    raise typer.Exit(1 if missing else 0)


@index_app.command("reread")
def reread_originals(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    json: Json = False,
) -> None:
    """Read the kept originals again, after an upgrade, and replace the documents that come out otherwise.

    Documents that cannot be read again stay as they are. Exit status 2 if there are any.
    """
    with printing.progress() as progress, closing(_open_for_changes(progress)) as service:
        done = reread(service.index, service.originals, progress, keeping=not dry_run)
        lost = len(orphans(service.index, service.index.snapshot.similar_questions))
    if json:
        counts = {state: done.count(state) for state in ("changed", "unchanged", "unreadable", "missing")}
        told = [asdict(one) for one in done.outcomes if one.state != "unchanged"]
        rest = {"unknown": done.unknown, "further": done.further, "generation": done.generation}
        printing.as_json(counts | rest | {"orphaned_askings": lost, "documents": told})
    else:
        _print_reread(done, dry_run)
        _print_orphans(lost)
    raise typer.Exit(2 if done.count("unreadable") or done.count("missing") else 0)


@index_app.command("list")
@takes_filter
def list_documents(
    json: Json = False,
    *,
    only: Filter,
) -> None:
    """List the documents with their dates and near duplicates."""
    passes = passing(only)
    with _open_for_reading() as service:
        snapshot = service.index.snapshot
    entries = [entry for entry in snapshot.documents.values() if passes(entry)]
    if json:
        from rag.api.bodies import near_body

        printing.as_json([asdict(one) | {"near_duplicates": near_body(one.id, snapshot)} for one in entries])
    else:
        printing.documents(snapshot, entries)


@index_app.command()
def verify(json: Json = False) -> None:
    """Check catalogue, indexes, similar questions and every passage's slice. Exit status 1 if something is wrong."""
    with _open_for_reading() as service:
        problems = service.index.verify()
        passages = len(service.index.snapshot.lexical)
        lost = len(orphans(service.index, service.index.snapshot.similar_questions))
    if json:
        found = {"sound": not problems, "passages": passages, "orphaned_askings": lost, "problems": problems}
        printing.as_json(found)
    else:
        print("\n".join(problems) or f"sound: {passages} passages, every one the exact slice of its document")
        _print_orphans(lost)
    raise typer.Exit(1 if problems else 0)


@index_app.command()
def stats(json: Json = False) -> None:
    """Count documents and passages."""
    with _open_for_reading() as service:
        snapshot, encoder = service.index.snapshot, service.index.encoder
        body = {
            "home": str(service.settings.home),
            "documents": len(snapshot.documents),
            "passages": len(snapshot.lexical),
            "generation": snapshot.generation,
            "encoder": encoder.name,
            "dimension": encoder.dimension,
            "lexicon": snapshot.tokeniser.lexicon.version,
            "originals": "{} files, {} bytes".format(*service.originals.totals()),
            "lexical index": "level"
            if service.index.is_level
            else "behind: run rag index build, or wait for the server",
        }
    if json:
        printing.as_json(body)
    else:
        print("\n".join(f"{name}: {value}" for name, value in body.items()))


def _open_for_reading() -> closing[Service]:
    """The index beside a running server, if there is one."""
    return closing(Service.open(load_settings(), writable=False))


def _open_for_changes(progress: Progress) -> Service:
    return Service.open(load_settings(), writable=True, progress=progress)


def _print_orphans(lost: int) -> None:
    if lost:
        print(f"{lost} similar questions lead nowhere any more; see: rag similar list --state orphaned")


def _print_reread(done: Rereading, dry_run: bool) -> None:
    verb = "would change" if dry_run else "changed"
    print(f"{verb}: {done.count('changed')}; unchanged: {done.count('unchanged')}; generation {done.generation}")
    for one in done.outcomes:
        if one.state == "changed":
            told = zip(("passages", "characters"), one.before, one.after, strict=True)
            print(f"{one.id}: " + ", ".join(f"{before} → {after} {what}" for what, before, after in told))
        elif one.problem:
            print(f"{one.id}: {one.problem}", file=sys.stderr)
    if done.unknown:
        print(f"{done.unknown} documents have no original: add their files again to keep them")
    if done.further:
        print(f"left out, as not in the index: {', '.join(done.further[:20])}{', …' * (len(done.further) > 20)}")


def _print_ingest(done: Ingest, lost: int, json: bool) -> None:
    counts = {"added": done.added, "replaced": done.replaced, "unchanged": done.unchanged, "bad": done.bad}
    if json:
        files = [
            {
                "name": outcome.name,
                "documents": outcome.documents,
                "report": asdict(outcome.report) if outcome.report else None,
                "problem": outcome.problem or None,
                "unchanged": outcome.unchanged,
                "near": outcome.near,
            }
            for outcome in done.outcomes
        ]
        state = {"generation": done.generation, "interrupted": done.interrupted, "orphaned_askings": lost}
        printing.as_json(state | counts | {"files": files})
        return
    counted = f"added {done.added} documents, replaced {done.replaced}; unchanged files: {done.unchanged}"
    print(f"{counted}, bad files: {done.bad}; generation {done.generation}")
    for outcome in done.outcomes:
        told = outcome.report.warnings if outcome.report and not outcome.unchanged else ()
        for warning in (*told, *outcome.near):
            print(f"{outcome.name}: {warning}")
        if outcome.problem:
            print(f"{outcome.name}: {outcome.problem}", file=sys.stderr)
    _print_orphans(lost)
    if done.interrupted:
        print("interrupted: what was added stays; run the same command again to go on", file=sys.stderr)
