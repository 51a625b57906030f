"""rag index: build, add, remove, list, verify, stats."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from corpus.document import Document, InvalidDocument, id_from_name
from corpus.reading import SUFFIXES, Report, Unreadable, Unsupported, read
from corpus.reading.rows import read_row, rows_of
from index.building import put_all
from rag import printing
from rag.service import Service, build_index
from rag.settings import load_settings

index_app = typer.Typer(help="Build, change and check the index.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or row: the documents in it and a report, or a problem."""

    name: str
    documents: tuple[Document, ...] = ()
    report: Report | None = None
    problem: str = ""


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
    paths: Annotated[list[Path], typer.Argument(help="Files, folders (recursively), JSONL files of rows, or - for stdin.")],
    json: Json = False,
) -> None:
    """Add documents; bad files are listed and the others kept. Exit status 2 if any was bad."""
    service = Service.open(load_settings(), writable=True)
    try:
        outcomes = [outcome for path in paths for outcome in _read_path(path)]
        good = {document.id: document for outcome in outcomes for document in outcome.documents}
        with printing.progress() as progress:
            generation = put_all(service.index, good.values(), "user", progress)
    finally:
        service.close()
    _print_outcomes(outcomes, generation, json)
    raise typer.Exit(2 if any(outcome.problem for outcome in outcomes) else 0)


@index_app.command()
def remove(ids: list[str], json: Json = False) -> None:
    """Delete documents by id. Exit status 1 if one was not there."""
    service = Service.open(load_settings(), writable=True)
    try:
        missing = [one for one in ids if one not in service.index.snapshot.documents]
        generation = service.index.remove(ids)
    finally:
        service.close()
    if json:
        printing.as_json({"removed": [one for one in ids if one not in missing], "missing": missing, "generation": generation})
    else:
        print(f"removed {len(ids) - len(missing)} documents, generation {generation}")
        for one in missing:
            print(f"not in the index: {one}", file=sys.stderr)
    raise typer.Exit(1 if missing else 0)


@index_app.command("list")
def list_documents(json: Json = False) -> None:
    """List the documents."""
    service = Service.open(load_settings(), writable=False)
    entries = list(service.index.snapshot.documents.values())
    service.close()
    if json:
        printing.as_json([asdict(entry) for entry in entries])
    else:
        printing.documents(entries)


@index_app.command()
def verify(json: Json = False) -> None:
    """Check catalogue, legs and every passage's slice. Exit status 1 if something is wrong."""
    service = Service.open(load_settings(), writable=False)
    problems = service.index.verify()
    passages = len(service.index.snapshot.dense)
    service.close()
    if json:
        printing.as_json({"sound": not problems, "passages": passages, "problems": problems})
    else:
        print("\n".join(problems) or f"sound: {passages} passages, every one the exact slice of its document")
    raise typer.Exit(1 if problems else 0)


@index_app.command()
def stats(json: Json = False) -> None:
    """Count documents and passages."""
    settings = load_settings()
    service = Service.open(settings, writable=False)
    snapshot, encoder = service.index.snapshot, service.index.encoder
    body = {
        "home": str(settings.home),
        "documents": len(snapshot.documents),
        "passages": len(snapshot.dense),
        "generation": snapshot.generation,
        "encoder": encoder.name,
        "dimension": encoder.dimension,
    }
    service.close()
    if json:
        printing.as_json(body)
    else:
        print("\n".join(f"{name}: {value}" for name, value in body.items()))


def _read_path(path: Path) -> Iterator[Outcome]:
    """Read a file, every readable file of a folder, or standard input."""
    if str(path) == "-":
        yield _read_bytes(sys.stdin.buffer.read(), "stdin")
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.is_symlink() and file.suffix.lower() in {*SUFFIXES, ".jsonl"}:
                yield from _read_path(file)
    elif path.suffix.lower() == ".jsonl":
        yield from _read_rows(path)
    elif path.is_file():
        yield _read_bytes(path.read_bytes(), path.name)
    else:
        yield Outcome(str(path), problem="there is no such file or folder")


def _read_bytes(raw: bytes, name: str) -> Outcome:
    try:
        reading = read(raw, name=name if name != "stdin" else "")
    except (InvalidDocument, Unreadable, Unsupported) as error:
        return Outcome(name, problem=str(error))
    return Outcome(name, reading.documents, reading.report)


def _read_rows(path: Path) -> Iterator[Outcome]:
    """Rows before and after a bad one are read; a line that is no JSON ends the file."""
    try:
        for number, row in rows_of(path.read_text(encoding="utf-8-sig"), path.name):
            name = f"{path.name}:{number}"
            try:
                yield Outcome(name, (read_row(row, None, f"{id_from_name(path.name)}-{number}"),))
            except InvalidDocument as error:
                yield Outcome(name, problem=str(error))
    except (InvalidDocument, UnicodeDecodeError, OSError) as error:
        yield Outcome(path.name, problem=str(error))


def _print_outcomes(outcomes: list[Outcome], generation: int, json: bool) -> None:
    if json:
        files = [
            {
                "name": outcome.name,
                "documents": [document.id for document in outcome.documents],
                "report": asdict(outcome.report) if outcome.report else None,
                "problem": outcome.problem or None,
            }
            for outcome in outcomes
        ]
        printing.as_json({"generation": generation, "files": files})
        return
    kept = sum(len(outcome.documents) for outcome in outcomes)
    print(f"added {kept} documents, generation {generation}")
    for outcome in outcomes:
        for warning in outcome.report.warnings if outcome.report else ():
            print(f"{outcome.name}: {warning}")
        if outcome.problem:
            print(f"{outcome.name}: {outcome.problem}", file=sys.stderr)
