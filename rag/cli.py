"""The command line: rag serve, rag ask, rag search and rag index …

People get tables, programs get JSON with --json. Exit status: 0 done; 1 nothing found, or a check
failed; 2 wrong use or a file that cannot be kept; 3 index or settings cannot be used.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, NoReturn

import typer

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported
from index.errors import IndexProblem
from rag import printing
from rag.index_commands import index_app
from rag.service import Service
from rag.settings import SettingsInvalid, load_settings

app = typer.Typer(
    help="Ask in Chinese about Hangzhou's industrial communities; get ranked passages and exact citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(index_app, name="index")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
TopK = Annotated[int, typer.Option("--top-k", "-k", min=1, max=100, help="How many passages.")]


@app.command()
def serve() -> None:
    """Serve the page and the API on RAG_HOST:RAG_PORT; an empty RAG_HOME is filled first."""
    from rag.serving import serve as run_server

    settings = load_settings()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with printing.progress() as progress:
        service = Service.open(settings, writable=True, progress=progress)
    run_server(service)


@app.command()
def ask(question: str, json: Json = False, top_k: TopK = 5) -> None:
    """Answer a question with quoted sentences and their sources; exit status 1 if nothing was found."""
    with _reading() as service:
        reply = service.ask(question, top_k=top_k)
        if json:
            from rag.api.bodies import reply_body

            printing.as_json(reply_body(reply, service.index, []))
        else:
            printing.reply(reply)
    raise typer.Exit(0 if reply.answer.status == "answered" else 1)


@app.command()
def search(
    query: str,
    json: Json = False,
    top_k: TopK = 5,
    mode: Annotated[Literal["hybrid", "dense", "lexical"], typer.Option(help="Which legs to use.")] = "hybrid",
) -> None:
    """Show the passages that fit best; exit status 1 if there are none."""
    with _reading() as service:
        retrieval = service.search(query, top_k, mode)
        if json:
            from rag.api.bodies import search_body

            printing.as_json(search_body(retrieval, service.index, None))
        else:
            printing.retrieval(retrieval)
    raise typer.Exit(0 if retrieval.evidence else 1)


@contextmanager
def _reading() -> Iterator[Service]:
    """A service that only reads, beside a running server if there is one."""
    service = Service.open(load_settings(), writable=False)
    try:
        yield service
    finally:
        service.close()


def main() -> None:
    """Run a command; every expected problem ends in one line on stderr and a true exit status."""
    try:
        app()
    except (IndexProblem, SettingsInvalid) as problem:
        _fail(problem, 3)
    except (InvalidDocument, Unreadable, Unsupported, OSError) as problem:
        _fail(problem, 2)


def _fail(problem: Exception, status: int) -> NoReturn:
    print(f"rag: {problem}", file=sys.stderr)
    raise SystemExit(status)
