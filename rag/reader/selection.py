"""Which sentences answer: the parts of a question that are answered, and in them the sentences that say it."""

import math
from collections.abc import Sequence

from rag.retrieval.annotated_passage import AnnotatedSentence
from rag.retrieval.evidence import Evidence, Retrieval

_SURE = 0.7  # probability that the answer is among the quotes from which no further sentence is wanted
_WORTH = 0.15  # probability below which a further sentence is not worth its place


def answered_parts(retrieval: Retrieval, threshold: float) -> list[tuple[Evidence, ...]]:
    """The parts of the question that something answers; where sides are compared, with what they are compared by."""
    answered = [part for part in retrieval.parts if max((one.relevance for one in part), default=0.0) >= threshold]
    if retrieval.sides:
        given = [
            part
            for part in answered
            if any(one.features is None or one.features.given for one in that_answer(part, threshold))
        ]
        return given or answered
    return answered


def that_answer(part: Sequence[Evidence], threshold: float) -> list[Evidence]:
    """The passages that may answer; where none may, the one that comes nearest to it."""
    nearest = max(one.relevance for one in part)
    return [one for one in part if one.relevance >= min(threshold, nearest)]


def likely_sentences(part: Sequence[Evidence], term: bool) -> list[tuple[Evidence, AnnotatedSentence]]:
    """Sentences by how probably they hold the answer (softmax), down to where it is probably among them.

    term  whether they are to say what a term means: where some do, the others do not count
    """
    listed = [(score, one, at) for one in part for at, score in enumerate(one.quotable)]
    if term:
        listed = [each for each in listed if _says_what_it_means(each[1], each[2])] or listed
    listed.sort(key=lambda each: -each[0])
    odds = [math.exp(score - listed[0][0]) for score, _, _ in listed]
    total, sure = sum(odds), 0.0
    likely: list[tuple[Evidence, AnnotatedSentence]] = []
    for share, (_, one, at) in zip((each / total for each in odds), listed, strict=True):
        if likely and (sure >= _SURE or share < _WORTH):
            break
        sure += share
        likely.append((one, one.annotated.sentences[at]))
    return likely


def _says_what_it_means(evidence: Evidence, at: int) -> bool:
    features = evidence.sentence_features
    return bool(features) and features[at].given == 1
