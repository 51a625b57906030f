"""rag lexicon: list, add, remove."""

from collections.abc import Callable
from contextlib import closing
from typing import Annotated

import typer

from corpus.folding import fold
from corpus.lexicon import Lexicon, LexiconInvalid, bundled_lexicon
from index.encoder.loading import load_encoder
from index.errors import IndexLocked, IndexProblem
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex
from rag.cli import printing
from rag.content.user_lexicon import change_user_lexicon, checked_lexicon, load_lexicon, load_user_lexicon
from rag.settings import Settings, load_settings

lexicon_app = typer.Typer(
    help="Your own words and wordings, beside those that ship with the service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Synonyms = Annotated[bool, typer.Option("--synonyms", "-s", help="The texts are one group of wordings.")]
Texts = Annotated[list[str], typer.Argument(metavar="TEXT...", show_default=False)]


@lexicon_app.command("list")
def list_entries(
    json: Json = False,
    bundled: Annotated[bool, typer.Option("--bundled", help="Also what ships with the service.")] = False,
) -> None:
    """List your words and groups of wordings."""
    own = load_user_lexicon(load_settings().home)
    shown = bundled_lexicon().with_more(own) if bundled else own
    if json:
        printing.as_json({"words": shown.words, "synonyms": shown.groups})
        return
    words = (("word", word) for word in shown.words)
    printing.table(("kind", "entry"), [*words, *(("synonyms", " ".join(group)) for group in shown.groups)])


@lexicon_app.command()
def add(texts: Texts, synonyms: Synonyms = False, json: Json = False) -> None:
    """Add words that are to stay whole, or with --synonyms one group of wordings, the documents' word first."""
    words, groups = ([], [texts]) if synonyms else (texts, [])

    def changed(own: Lexicon) -> Lexicon:
        return own.with_more(checked_lexicon(words, groups, "given"))

    _change(changed, json)


@lexicon_app.command()
def remove(texts: Texts, synonyms: Synonyms = False, json: Json = False) -> None:
    """Remove words, or with --synonyms your groups that hold all of the texts. Exit status 1 if there are none."""
    named = {fold(text).text for text in texts}

    def changed(own: Lexicon) -> Lexicon:
        words = own.words if synonyms else tuple(word for word in own.words if word not in named)
        groups = tuple(group for group in own.groups if not named <= set(group)) if synonyms else own.groups
        return Lexicon(words, groups)

    raise typer.Exit(0 if _change(changed, json) else 1)


def _change(change: Callable[[Lexicon], Lexicon], json: bool) -> bool:
    """Change the user's lexicon, let the index take it, and tell; returns whether anything changed."""
    settings = load_settings()
    try:
        before, after = change_user_lexicon(settings.home, change)
    except LexiconInvalid as error:
        raise typer.BadParameter(str(error)) from None
    holds, told = _carried(settings) if after != before else (True, "nothing changed")
    if json:
        printing.as_json({"words": after.words, "synonyms": after.groups, "index_stale": not holds})
    else:
        print(f"{len(after.words)} words and {len(after.groups)} groups of your own; {told}")
    return after != before


def _carried(settings: Settings) -> tuple[bool, str]:
    """Let the index take the lexicon; whether it holds now, and what to tell."""
    if not (settings.home / CATALOGUE).exists():
        return True, "they hold as soon as there is an index"
    try:
        encoder, tokeniser = load_encoder(settings.encoder), Tokeniser(load_lexicon(settings.home))
        with closing(PassageIndex.open(settings.home, encoder, tokeniser, writable=True)) as opened:
            return True, f"they hold from generation {opened.snapshot.generation}"
    except IndexLocked:
        return False, "the process that serves takes them over within a second or two"
    except IndexProblem as problem:
        return False, f"the index does not take them yet: {problem}"
