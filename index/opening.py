"""Opening a folder: may it be written to, and can what lies in it be trusted?"""

from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from index.binding import bind, bind_lexicon, require_bound
from index.encoder.text_encoder import Encoder
from index.lexical.tokeniser import Tokeniser
from index.store.catalogue import Catalogue
from index.store.files import sweep
from index.store.lock import take_lock

CATALOGUE: Final = "catalogue.sqlite"


class Opened(NamedTuple):
    """Two ways to one catalogue: for what changes, and for what is read beside it; the same one for a reader."""

    catalogue: Catalogue
    reader: Catalogue


def open_catalogue(home: Path, encoder: Encoder, tokeniser: Tokeniser, held: ExitStack, *, writable: bool) -> Opened:
    """Open the catalogue in this folder; with writable, create what is missing and take the writer's lock.

    held    closes everything that was opened, also where this fails
    raises  IndexLocked if another process writes; IndexUnusable if the catalogue cannot be
            trusted or was made with another encoder or splitter
    """
    if writable:
        held.callback(take_lock(home).close)
        sweep(home)
        sweep(home / "derived")
    catalogue = reader = _entered(Catalogue(home / CATALOGUE, writable=writable), held)
    if writable:
        reader = _entered(Catalogue(home / CATALOGUE, writable=False), held)
    else:
        catalogue.pin()
    catalogue.require_whole(pages=writable)
    if writable:
        bind(catalogue, encoder)
        bind_lexicon(catalogue, tokeniser.lexicon)
    require_bound(catalogue, encoder)
    return Opened(catalogue, reader)


def _entered(catalogue: Catalogue, held: ExitStack) -> Catalogue:
    held.callback(catalogue.close)
    return catalogue
