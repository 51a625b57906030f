"""rag index: build, add, remove, list, verify, stats."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from corpus.document import Document, InvalidDocument, id_from_name
from corpus.reading import SUFFIXES, Report, Unreadable, Unsupported, read
from corpus.reading.rows import read_row, rows_of
from index.building import Progress, put_all
from rag import printing
from rag.service import Service, build_index
from rag.settings import load_settings

index_app = typer.Typer(help="Build, change and check the index.", no_args_is_help=True, rich_markup_mode=None)

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
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders (recursively), JSONL files of rows, or - for stdin.")
    ],
    json: Json = False,
) -> None:
    """Add documents; bad files are listed and the others kept. Exit status 2 if any was bad."""
    with printing.progress() as progress, closing(_open_for_changes(progress)) as service:
        outcomes = [outcome for path in paths for outcome in _read_path(path)]
        good = {document.id: document for outcome in outcomes for document in outcome.documents}
        generation = put_all(service.index, good.values(), "user", progress)
    _print_outcomes(outcomes, generation, json)
    raise typer.Exit(2 if any(outcome.problem for outcome in outcomes) else 0)


@index_app.command()
def remove(ids: list[str], json: Json = False) -> None:
    """Delete documents by id. Exit status 1 if one was not there."""
    with printing.progress() as progress, closing(_open_for_changes(progress)) as service:
        missing = [one for one in ids if one not in service.index.snapshot.documents]
        generation = service.index.remove(ids)
    if json:
        removed = [one for one in ids if one not in missing]
        printing.as_json({"removed": removed, "missing": missing, "generation": generation})
    else:
        print(f"removed {len(ids) - len(missing)} documents, generation {generation}")
        for one in missing:
            print(f"not in the index: {one}", file=sys.stderr)
    raise typer.Exit(1 if missing else 0)


@index_app.command("list")
def list_documents(json: Json = False) -> None:
    """List the documents."""
    with _open_for_reading() as service:
        entries = list(service.index.snapshot.documents.values())
    if json:
        printing.as_json([asdict(entry) for entry in entries])
    else:
        printing.documents(entries)


@index_app.command()
def verify(json: Json = False) -> None:
    """Check catalogue, legs and every passage's slice. Exit status 1 if something is wrong."""
    with _open_for_reading() as service:
        problems = service.index.verify()
        passages = len(service.index.snapshot.dense)
    if json:
        printing.as_json({"sound": not problems, "passages": passages, "problems": problems})
    else:
        print("\n".join(problems) or f"sound: {passages} passages, every one the exact slice of its document")
    raise typer.Exit(1 if problems else 0)


@index_app.command()
def stats(json: Json = False) -> None:
    """Count documents and passages."""
    with _open_for_reading() as service:
        snapshot, encoder = service.index.snapshot, service.index.encoder
        body = {
            "home": str(service.settings.home),
            "documents": len(snapshot.documents),
            "passages": len(snapshot.dense),
            "generation": snapshot.generation,
            "encoder": encoder.name,
            "dimension": encoder.dimension,
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


def _read_path(path: Path) -> Iterator[Outcome]:
    """Read a file, every file of a known format in a folder, or standard input."""
    if str(path) == "-":
        yield _read_bytes(sys.stdin.buffer.read(), "stdin")
    elif path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink()]
        known = [file for file in files if file.suffix.lower() in {*SUFFIXES, ".jsonl"}]
        for file in known:
            yield from _read_path(file)
        if len(known) < len(files):
            print(f"{_name(path)}: left out {len(files) - len(known)} files of other formats", file=sys.stderr)
    elif path.suffix.lower() == ".jsonl" and path.is_file():
        yield from _read_rows(path)
    elif path.is_file():
        yield _read_file(path)
    else:
        yield Outcome(_name(path), problem="there is no such file or folder")


def _read_file(path: Path) -> Outcome:
    try:
        return _read_bytes(path.read_bytes(), _name(path))
    except OSError as error:
        return Outcome(_name(path), problem=f"it cannot be read ({error.strerror})")


def _read_bytes(raw: bytes, name: str) -> Outcome:
    try:
        reading = read(raw, name=name if name != "stdin" else "")
    except (InvalidDocument, Unreadable, Unsupported) as error:
        return Outcome(name, problem=str(error))
    return Outcome(name, reading.documents, reading.report)


def _name(path: Path) -> str:
    """The file's name; bytes that are no UTF-8 are shown as question marks."""
    return path.name.encode("utf-8", "replace").decode()


def _read_rows(path: Path) -> Iterator[Outcome]:
    """Rows before and after a bad one are read; a line that is no JSON ends the file."""
    name = _name(path)
    try:
        for number, row in rows_of(path.read_text(encoding="utf-8-sig"), name):
            try:
                yield Outcome(f"{name}:{number}", (read_row(row, None, f"{id_from_name(name)}-{number}"),))
            except InvalidDocument as error:
                yield Outcome(f"{name}:{number}", problem=str(error))
    except UnicodeDecodeError:
        yield Outcome(name, problem="it is not UTF-8")
    except OSError as error:
        yield Outcome(name, problem=f"it cannot be read ({error.strerror})")
    except InvalidDocument as error:
        yield Outcome(name, problem=str(error))


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
    kept = {document.id for outcome in outcomes for document in outcome.documents}
    print(f"added {len(kept)} documents, generation {generation}")
    for outcome in outcomes:
        for warning in outcome.report.warnings if outcome.report else ():
            print(f"{outcome.name}: {warning}")
        if outcome.problem:
            print(f"{outcome.name}: {outcome.problem}", file=sys.stderr)
