"""rag similar: list, add, remove, approve, propose."""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Annotated, Any, Literal

import typer

from index.store.similar_questions import Place
from rag.cli import printing
from rag.content import similar_questions
from rag.content.similar_questions import Added, NoSuchDocument, PlacedQuestion
from rag.generation.configured import configured
from rag.service import Service
from rag.settings import SettingsInvalid, load_settings

similar_app = typer.Typer(
    help="Similar questions that lead to a section or passage of a document, beside those in the documents.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Document = Annotated[str, typer.Argument(help="Id of the document.")]
Numbers = Annotated[list[int], typer.Argument(help="Numbers, as `rag similar list` shows them.")]
Sections = Annotated[
    list[str] | None,
    typer.Option("--section", "-s", help="Heading; once for each level, outermost first. Without: the whole document."),
]
Offset = Annotated[
    int | None, typer.Option("--at", min=0, help="Offset into the document's text: the passage that holds it.")
]


@similar_app.command("list")
def list_similar_questions(
    document: Annotated[str, typer.Argument(help="Only those of this document.")] = "",
    state: Annotated[Literal["used", "proposed", "orphaned"] | None, typer.Option(help="Only these.")] = None,
    json: Json = False,
) -> None:
    """List them with the place to which each leads; orphaned ones lead nowhere any more."""
    with closing(Service.open(load_settings(), writable=False)) as service:
        snapshot = service.index.snapshot
        found = similar_questions.shown_all(service.index, snapshot)
    kept = [one for one in found if document in ("", one.similar.document_id) and state in (None, one.state)]
    if json:
        printing.as_json([_body(one) for one in kept])
    else:
        _print_table(kept)


@similar_app.command()
def add(document: Document, text: str, section: Sections = None, at: Offset = None, json: Json = False) -> None:
    """Add one; the next question knows of it."""
    place = _place(section, at)
    with _open_for_changes() as service:
        kept, generation = similar_questions.add(service.index, document, text, place)
    if json:
        printing.as_json(_body(kept) | {"generation": generation})
    else:
        print(f"{kept.similar.number}: leads to {_where(kept)}; generation {generation}")


@similar_app.command()
def remove(numbers: Numbers, json: Json = False) -> None:
    """Delete some. Exit status 1 if one was not there."""
    gone: list[int] = []
    with _open_for_changes() as service:
        generation = service.index.snapshot.generation
        for document, some in _owners(service, numbers).items():
            removed, generation = similar_questions.remove(service.index, document, some)
            gone += removed
    _print_change("removed", gone, numbers, generation, json)


@similar_app.command()
def approve(numbers: Numbers, json: Json = False) -> None:
    """Use proposed ones from the next question on. Exit status 1 if one was not there."""
    done: list[int] = []
    with _open_for_changes() as service:
        generation = service.index.snapshot.generation
        for document, some in _owners(service, numbers).items():
            for number in some:
                _, generation = similar_questions.approve(service.index, document, number)
                done.append(number)
    _print_change("approved", done, numbers, generation, json)


@similar_app.command()
def propose(
    document: Document,
    section: Sections = None,
    at: Offset = None,
    accept: Annotated[bool, typer.Option("--accept", help="Use them at once, without looking at them.")] = False,
    json: Json = False,
) -> None:
    """Let the LLM of the settings propose some; they are not used before `rag similar approve`.

    Exit status 1 if the LLM broke off; run it again for the passages that are still open.
    """
    place = _place(section, at)
    with _open_for_changes() as service:
        body, added = asyncio.run(_proposed(service, document, place, accept))
    if json:
        printing.as_json({"askings": [_body(one) for one in added.kept]} | body | {"generation": added.generation})
    else:
        _print_table(added.kept)
        told = f"{len(added.kept)} kept, {body['dropped']} dropped, {body['open']} passages open"
        print(f"{told}; generation {added.generation}", file=sys.stderr)
        for reason in body["degraded"]:
            print(f"the LLM broke off: {reason}", file=sys.stderr)
    raise typer.Exit(1 if body["degraded"] else 0)


async def _proposed(service: Service, document_id: str, place: Place, accept: bool) -> tuple[dict[str, Any], Added]:
    from rag.generation.question_proposals import propose

    generation = configured(service.settings, service.index.tokeniser)
    if generation is None:
        raise SettingsInvalid("no LLM is configured: set RAG_LLM_ADDRESS and RAG_LLM_MODEL")
    try:
        snapshot = service.index.snapshot
        if document_id not in snapshot.documents:
            raise NoSuchDocument(document_id)
        document = service.index.document(snapshot.documents[document_id])
        known = snapshot.similar_questions.get(document_id, ())
        said = await propose(generation, service.index.tokeniser, document, place, known)
    finally:
        await generation.close()
    added = similar_questions.add_all(service.index, document_id, said.drafts, "llm", approved=accept)
    dropped = said.dropped + len(added.refused)
    return {"dropped": dropped, "open": said.open, "degraded": said.degraded}, added


def _open_for_changes() -> closing[Service]:
    with printing.progress() as progress:
        return closing(Service.open(load_settings(), writable=True, progress=progress))


def _place(section: list[str] | None, at: int | None) -> Place:
    if section and at is not None:
        raise typer.BadParameter("--section and --at exclude each other")
    return tuple(section or ()) if at is None else at


def _owners(service: Service, numbers: Iterable[int]) -> dict[str, list[int]]:
    """Numbers that are there, by the document they belong to."""
    wanted, found = set(numbers), dict[str, list[int]]()
    for document, records in service.index.snapshot.similar_questions.items():
        if some := sorted({one.number for one in records} & wanted):
            found[document] = some
    return found


def _print_change(deed: str, done: Sequence[int], wanted: Sequence[int], generation: int, json: bool) -> None:
    missing = [number for number in wanted if number not in done]
    if json:
        printing.as_json({deed: sorted(done), "missing": missing, "generation": generation})
    else:
        print(f"{deed} {len(done)} similar questions, generation {generation}")
        for number in missing:
            print(f"there is no similar question {number}", file=sys.stderr)
    raise typer.Exit(1 if missing else 0)


def _print_table(found: Iterable[PlacedQuestion]) -> None:
    rows = (
        (str(one.similar.number), one.similar.document_id, one.similar.text, one.state, one.similar.origin, _where(one))
        for one in found
    )
    printing.table(("number", "document", "text", "state", "origin", "leads to"), rows)


def _where(one: PlacedQuestion) -> str:
    """The heading path, then the spans."""
    spans = ", ".join(f"{start}–{end}" for start, end in one.spans)
    return " › ".join((*one.similar.section, spans or "nothing"))


def _body(one: PlacedQuestion) -> dict[str, Any]:
    from rag.api.bodies import similar_question_body

    return {"document": one.similar.document_id} | similar_question_body(one)
