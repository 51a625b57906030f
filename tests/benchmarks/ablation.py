"""What folding of numbers, the lexicon's words and its synonyms each bring, one left out at a time.

    python -m tests.benchmarks.ablation [--unasked] SET…

Asks the question sets of an index of the bundled corpus, made anew for each variant in a temporary
folder, and prints hit@1 and hit@5 beside those of the whole, with how many questions came out worse
and better and the p of a paired randomisation test. The relevance model stays as it was fitted to the whole.
With --unasked the documents come without their similar questions, as those of users do. Not a test: it asserts nothing.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from corpus.bundled import bundled_documents
from corpus.document import Document
from corpus.lexicon import Lexicon, bundled_lexicon
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from rag.evaluation.baseline_comparison import compare
from rag.evaluation.case import QuestionSet
from rag.evaluation.session import Evaluation, evaluate, read_sets
from rag.evaluation.systems import Name, System, local_system
from rag.evaluation.temporary import temporary_service
from rag.settings import Settings

SYSTEMS: tuple[Name, ...] = ("hybrid", "words")
_MEASURES = ("hit@1", "hit@5")
_WHOLE = bundled_lexicon()
LEXICONS = {
    "whole": _WHOLE,
    "no folding of numbers": _WHOLE,
    "no words of the lexicon": Lexicon((), _WHOLE.groups),
    "no synonyms": Lexicon(_WHOLE.words),
    "none of these": Lexicon(()),
}
UNFOLDED = ("no folding of numbers", "none of these")


class Ablated:
    """A bench for one variant of the service."""

    def __init__(self, variant: str, documents: Sequence[Document]) -> None:
        self._variant = variant
        self._documents = documents

    def fingerprint(self, question_set: QuestionSet) -> str:
        return self._variant

    @contextmanager
    def systems(self, question_set: QuestionSet) -> Iterator[list[System]]:
        settings = Settings(home=Path("unused"), corpus="none")
        tokeniser = Tokeniser(LEXICONS[self._variant])
        encoder = load_encoder("static")
        with temporary_service(settings, encoder, tokeniser, self._documents, lambda *told: None) as one:
            yield [local_system(name, one, {}) for name in SYSTEMS]

    def close(self) -> None:
        """Nothing is held open between sets."""


def main() -> None:
    unasked = "--unasked" in sys.argv
    sets = read_sets([Path(name) for name in sys.argv[1:] if name != "--unasked"])
    documents = [replace(one, asked=()) if unasked else one for one in bundled_documents()]
    runs = {variant: _run(variant, sets, documents) for variant in LEXICONS}
    for variant, run in runs.items():
        for summary in run.summaries:
            rows = {"all": summary.measures} | dict(summary.by_kind)
            figures = {kind: [row[name].mean for name in _MEASURES] for kind, row in rows.items() if "hit@1" in row}
            told = "  ".join(f"{kind} {at1:.3f}/{at5:.3f}" for kind, (at1, at5) in figures.items())
            print(f"{variant:24} {summary.set:14} {summary.system:8} {told}")
    print("\nagainst the whole")
    for variant, run in runs.items():
        _print_differences(variant, runs["whole"], run)


def _run(variant: str, sets: Sequence[QuestionSet], documents: Sequence[Document]) -> Evaluation:
    switch: AbstractContextManager[object] = nullcontext()
    if variant in UNFOLDED:
        switch = patch("corpus.folding.rewrites", lambda text: [])
    with switch:
        return evaluate(sets, Ablated(variant, documents), None, 1, lambda *told: None)


def _print_differences(variant: str, whole: Evaluation, run: Evaluation) -> None:
    for found in compare(run.scored, whole.scored):
        if found.measure in _MEASURES:
            figures = f"{found.measure} {found.old:.3f} → {found.new:.3f}"
            moved = f"worse {len(found.worse)}, better {len(found.better)}, p {found.p:.3f}"
            print(f"{variant:24} {found.set:14} {found.system:8} {figures}  {moved}")


if __name__ == "__main__":
    main()
