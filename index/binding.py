"""What a catalogue's passages and vectors were made with, and the refusal to mix them with anything else."""

from corpus.lexicon import Lexicon
from corpus.passage import SPLITTER_VERSION
from index.encoder.text_encoder import Encoder
from index.errors import IndexUnusable
from index.store.catalogue import Catalogue


def binding(encoder: Encoder) -> dict[str, str]:
    """What decides passages and vectors."""
    return {"encoder": encoder.fingerprint, "splitter": SPLITTER_VERSION}


def is_bound(catalogue: Catalogue, encoder: Encoder) -> bool | None:
    """Whether the catalogue was made with this encoder and today's splitter; None if it is new."""
    if catalogue.fact("encoder") is None:
        return None
    return all(catalogue.fact(name) == value for name, value in binding(encoder).items())


def bind(catalogue: Catalogue, encoder: Encoder) -> None:
    """Bind a new catalogue; one that is bound stays as it is."""
    if is_bound(catalogue, encoder) is None:
        catalogue.set_facts(**binding(encoder), encoder_name=encoder.name)


def bind_lexicon(catalogue: Catalogue, lexicon: Lexicon) -> int:
    """Note the lexicon that questions are asked with; another one than before begins a new generation.

    returns  the generation
    raises   StorageFull; nothing is changed then
    """
    known, generation = catalogue.fact("lexicon"), catalogue.generation
    if known != lexicon.version:
        generation += known is not None
        catalogue.set_facts(lexicon=lexicon.version, generation=str(generation))
    return generation


def require_bound(catalogue: Catalogue, encoder: Encoder) -> None:
    """Raise IndexUnusable if the catalogue was made with another encoder or splitter."""
    if catalogue.fact("encoder") != encoder.fingerprint:
        built_with = catalogue.fact("encoder_name")
        reason = f"it was built with encoder {built_with}, and the one set now is {encoder.name} (or its files changed)"
        raise IndexUnusable(catalogue.folder, reason, "set RAG_ENCODER back, or encode anew with: rag index build")
    if catalogue.fact("splitter") != SPLITTER_VERSION:
        reason = f"its passages were cut by splitter {catalogue.fact('splitter')}, this version has {SPLITTER_VERSION}"
        raise IndexUnusable(catalogue.folder, reason, "cut and encode anew with: rag index build")
