"""The command line: rag serve, rag ask, rag search and rag index …

People get tables, programs get JSON with --json. Exit status: 0 done; 1 nothing found, or a check
failed; 2 wrong use or a file that cannot be kept; 3 index, settings or address cannot be used;
130 interrupted.
"""

import importlib.util
import sys
from contextlib import closing
from importlib import metadata
from io import TextIOWrapper
from typing import Annotated, Literal, NoReturn

import typer

from corpus.document import InvalidDocument
from corpus.reading import Unreadable, Unsupported
from index.errors import IndexProblem
from index.store.similar_questions import SimilarQuestionRefused
from rag import logs
from rag.api.api_keys import read_keys
from rag.cli import printing
from rag.cli.corpus_commands import corpus_app
from rag.cli.doctor import doctor
from rag.cli.evaluate_command import evaluate
from rag.cli.feedback_commands import feedback_app
from rag.cli.filter_options import takes_filter
from rag.cli.index_commands import index_app
from rag.cli.key_commands import key_app
from rag.cli.lexicon_commands import lexicon_app
from rag.cli.similar_question_commands import similar_app
from rag.content.similar_questions import NoSuchDocument
from rag.content.user_lexicon import LexiconUnreadable
from rag.query.filters import Filter
from rag.service import Service
from rag.settings import SettingsInvalid, load_settings

_STATUS = (
    "Exit status: 0 done; 1 nothing found, or a check failed; 2 wrong use or a file that cannot be kept; "
    "3 index, settings or address cannot be used; 130 interrupted."
)

app = typer.Typer(
    help="Ask in Chinese about Hangzhou's industrial communities; get ranked passages and exact citations.",
    epilog=_STATUS,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(index_app, name="index")
app.add_typer(similar_app, name="similar")
app.add_typer(similar_app, name="asking", hidden=True, deprecated=True)  # until 0.3: the name before 0.2
app.add_typer(key_app, name="key")
app.command()(doctor)
app.add_typer(corpus_app, name="corpus")
app.add_typer(lexicon_app, name="lexicon")
app.add_typer(feedback_app, name="feedback")
app.command()(evaluate)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
TopK = Annotated[int, typer.Option("--top-k", "-k", min=1, max=100, help="How many passages.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            print(f"rag {metadata.version('hangzhou-community-rag')}")
        except metadata.PackageNotFoundError:
            print("rag, run from its source without being installed")
        raise typer.Exit


@app.callback()
def rag(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask in Chinese about Hangzhou's industrial communities; get ranked passages and exact citations."""


def _asked(text: str) -> str:
    """Something to look for, in characters that can be written down."""
    if not text.strip():
        raise typer.BadParameter("it is empty")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise typer.BadParameter("it is not UTF-8")
    return text


Asked = Annotated[str, typer.Argument(callback=_asked)]


@app.command()
def serve() -> None:
    """Serve the page and the API on RAG_HOST:RAG_PORT; an empty RAG_HOME is filled first."""
    from rag.api.access import require_safe_binding
    from rag.api.serving import listen
    from rag.api.serving import serve as run_server

    settings = load_settings()
    logs.configure(settings.log_level, settings.log_questions)
    require_safe_binding(settings, read_keys(settings.home))
    with closing(listen(settings.host, settings.port)) as listener:
        with printing.progress() as progress:
            service = Service.open(settings, writable=True, progress=progress)
        if service.reranker:
            service.reranker.load()
        run_server(service, listener)


@app.command()
@takes_filter
def ask(
    question: Asked,
    json: Json = False,
    top_k: TopK = 5,
    generate: Annotated[
        bool,
        typer.Option("--generate", help="Let the LLM of RAG_LLM_ADDRESS word the answer; it is checked."),
    ] = False,
    *,
    only: Filter,
) -> None:
    """Answer a question with quoted sentences and their sources; exit status 1 if nothing was found."""
    settings = load_settings()
    with closing(Service.open(settings, writable=False)) as service:
        if generate:
            from rag.cli.generate_command import ask_worded

            found = ask_worded(service, question, top_k, only, json=json)
        else:
            reply = service.ask(question, top_k=top_k, only=only)
            found = reply.answer.status == "answered"
            if json:
                from rag.api.bodies import reply_body

                printing.as_json(reply_body(reply, service.index, []))
            else:
                printing.reply(reply)
    raise typer.Exit(0 if found else 1)


@app.command()
@takes_filter
def search(
    query: Asked,
    json: Json = False,
    top_k: TopK = 5,
    mode: Annotated[Literal["hybrid", "dense", "lexical"], typer.Option(help="Which indexes to use.")] = "hybrid",
    *,
    only: Filter,
) -> None:
    """Show the passages that fit best; exit status 1 if there are none."""
    with closing(Service.open(load_settings(), writable=False)) as service:
        retrieval = service.search(query, top_k, mode, only)
        if json:
            from rag.api.bodies import search_body

            printing.as_json(search_body(retrieval, service.index, None))
        else:
            printing.retrieval(retrieval)
    raise typer.Exit(0 if retrieval.evidence else 1)


@app.command()
def mcp() -> None:
    """Serve search, ask and read_document to assistants over MCP, on stdin and stdout."""
    if importlib.util.find_spec("mcp") is None:
        raise SettingsInvalid("rag mcp needs the package mcp: pip install 'hangzhou-community-rag[mcp]'")
    from rag.api.mcp_server import open_for_reading, serve_stdio

    settings = load_settings()
    logs.configure(settings.log_level, settings.log_questions)  # to stderr: stdout belongs to the protocol
    with closing(open_for_reading(settings)) as service:
        serve_stdio(service)


def main() -> None:
    """Run a command; every expected problem ends in one line on stderr and a true exit status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not know every character of a document
    try:
        app()
    except (IndexProblem, SettingsInvalid, LexiconUnreadable) as problem:
        _fail(problem, 3)
    except (InvalidDocument, Unreadable, Unsupported, SimilarQuestionRefused, NoSuchDocument, OSError) as problem:
        _fail(problem, 2)


def _fail(problem: Exception, status: int) -> NoReturn:
    print(f"rag: {problem}", file=sys.stderr)
    raise SystemExit(status)
