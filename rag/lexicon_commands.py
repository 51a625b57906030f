"""rag lexicon: list, add, remove."""

from typing import Annotated

import typer

from corpus.folding import fold
from corpus.lexicon import Lexicon, LexiconInvalid, bundled_lexicon, make_lexicon
from rag import printing
from rag.settings import load_settings
from rag.user_lexicon import load_user_lexicon, save_user_lexicon

lexicon_app = typer.Typer(
    help="Your own words and wordings, beside those that ship with the service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Synonyms = Annotated[bool, typer.Option("--synonyms", "-s", help="The texts are one group of wordings.")]
Texts = Annotated[list[str], typer.Argument(metavar="TEXT...", show_default=False)]

_AT_ONCE = "wordings hold from the next question on"
_LATER = "words hold once the index is opened for writing: restart the server, or run: rag index build"


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
    home = load_settings().home
    own = load_user_lexicon(home)
    try:
        more = make_lexicon([], [texts], "given") if synonyms else make_lexicon(texts, [], "given")
    except LexiconInvalid as error:
        raise typer.BadParameter(str(error)) from None
    changed = own.with_more(more)
    save_user_lexicon(home, changed)
    _print_change(own, changed, json)


@lexicon_app.command()
def remove(texts: Texts, synonyms: Synonyms = False, json: Json = False) -> None:
    """Remove words, or with --synonyms your groups that hold all of the texts. Exit status 1 if there are none."""
    home = load_settings().home
    own = load_user_lexicon(home)
    named = {fold(text).text for text in texts}
    words = own.words if synonyms else tuple(word for word in own.words if word not in named)
    groups = tuple(group for group in own.groups if not named <= set(group)) if synonyms else own.groups
    changed = Lexicon(words, groups)
    if changed != own:
        save_user_lexicon(home, changed)
    _print_change(own, changed, json)
    raise typer.Exit(0 if changed != own else 1)


def _print_change(before: Lexicon, after: Lexicon, json: bool) -> None:
    if json:
        printing.as_json({"words": after.words, "synonyms": after.groups, "index_stale": before.words != after.words})
        return
    print(f"{len(after.words)} words and {len(after.groups)} groups of your own")
    if before.groups != after.groups:
        print(_AT_ONCE)
    if before.words != after.words:
        print(_LATER)
