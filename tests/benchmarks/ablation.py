"""What folding of numbers, the lexicon's words and its synonyms each bring, one left out at a time.

    python -m tests.benchmarks.ablation SET…

Asks the question sets of an index of the bundled corpus, made anew for each variant in a temporary
folder, and prints hit@1 and hit@5 beside those of the whole, with how many questions came out worse
and better and the p of a paired randomisation test. The relevance model stays as it was fitted to the whole.
Not a test: it asserts nothing.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from corpus.bundled import bundled_documents
from corpus.lexicon import Lexicon, bundled_lexicon
from index.encoder import load_encoder
from index.tokens import Tokeniser
from rag.evaluation.case import QuestionSet
from rag.evaluation.comparison import compare
from rag.evaluation.session import Evaluation, evaluate, read_sets
from rag.evaluation.systems import System, local_system
from rag.evaluation.temporary import temporary_service
from rag.settings import Settings

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

    def __init__(self, variant: str) -> None:
        self._variant = variant

    def fingerprint(self, question_set: QuestionSet) -> str:
        return self._variant

    @contextmanager
    def systems(self, question_set: QuestionSet) -> Iterator[list[System]]:
        settings = Settings(home=Path("unused"), corpus="none")
        tokeniser = Tokeniser(LEXICONS[self._variant])
        with temporary_service(
            settings, load_encoder("bundled"), tokeniser, bundled_documents(), lambda *told: None
        ) as one:
            yield [local_system("hybrid", one, {})]

    def close(self) -> None:
        """Nothing is held open between sets."""


def main() -> None:
    sets = read_sets([Path(name) for name in sys.argv[1:]])
    runs = {variant: _run(variant, sets) for variant in LEXICONS}
    for one in sets:
        print(f"\n{one.name}: hit@1 / hit@5 by kind")
        for variant, run in runs.items():
            (summary,) = (found for found in run.summaries if found.set == one.name)
            rows = {"all": summary.measures} | dict(summary.by_kind)
            figures = {kind: [row[name].mean for name in _MEASURES] for kind, row in rows.items() if "hit@1" in row}
            print(f"{variant:24}", "  ".join(f"{kind} {at1:.3f}/{at5:.3f}" for kind, (at1, at5) in figures.items()))
    print("\nagainst the whole")
    for variant, run in runs.items():
        _print_differences(variant, runs["whole"], run)


def _run(variant: str, sets: Sequence[QuestionSet]) -> Evaluation:
    switch: AbstractContextManager[object] = nullcontext()
    if variant in UNFOLDED:
        switch = patch("corpus.folding.rewrites", lambda text: [])
    with switch:
        return evaluate(sets, Ablated(variant), None, 1, lambda *told: None)


def _print_differences(variant: str, whole: Evaluation, run: Evaluation) -> None:
    for found in compare(run.scored, whole.scored):
        if found.measure in _MEASURES:
            moved = f"worse {len(found.worse)}, better {len(found.better)}, p {found.p:.3f}"
            print(f"{variant:24} {found.set:14} {found.measure}  {found.old:.3f} → {found.new:.3f}  {moved}")


if __name__ == "__main__":
    main()
