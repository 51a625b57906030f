"""The index: encoder, catalogue, indexes, files, and whether questions are answered."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Final

from corpus.passage import TARGET
from index.encoder.cross_encoder import CrossEncoderUnavailable, load_cross_encoder
from index.encoder.loading import load_encoder
from index.encoder.text_encoder import EncoderUnavailable
from index.file_checks import derived_problems
from index.passage_index import CATALOGUE
from rag.cli.doctor.finding import CheckResult
from rag.content.similar_questions import orphans
from rag.retrieval.reranking import RERANKED
from rag.service import Service
from rag.settings import Settings

CANNED: Final = (  # questions about the bundled corpus, and the document that answers each
    ("linkpark产业社区占地多少亩？", "linkpark"),
    ("传化社区的规划单元有多少公顷？", "xiaoshan-chuanhua-shequ"),
    ("瓜沥七彩未来社区总投资是多少？", "guali-qicai"),
    ("浙大网新上虞科技园在什么地方？", "zheda-wangxin"),
    ("工业上楼是什么意思？", "gongyeshanglou"),
)
DEPTH: Final = 5  # passages among which the right document must be
REBUILD: Final = "stop the server, run: rag index build"

_SHOWN = 3  # problems that a finding names


def is_built(settings: Settings) -> bool:
    """Whether there is a catalogue in the home."""
    return (settings.home / CATALOGUE).exists()


def check_encoder(settings: Settings) -> CheckResult:
    """The encoder loads and encodes."""
    began = time.perf_counter()
    try:
        encoder = load_encoder(settings.encoder)
        encoder.encode(["杭州产业社区"], "question")
    except EncoderUnavailable as problem:
        return CheckResult("encoder", "bad", problem.reason, "set RAG_ENCODER to bundled or to a complete model folder")
    spent = 1000 * (time.perf_counter() - began)
    return CheckResult("encoder", "ok", f"{encoder.name}, {encoder.dimension} dimensions, loaded in {spent:.0f} ms")


def check_reranker(settings: Settings) -> CheckResult:
    """The cross-encoder, if one is set, loads and reads as many passages as it will have to before its deadline."""
    if not settings.reranker:
        return CheckResult("reranker", "ok", "none is set")
    try:
        model = load_cross_encoder(settings.reranker)
    except CrossEncoderUnavailable as problem:
        return CheckResult("reranker", "bad", problem.reason, problem.remedy)
    began = time.perf_counter()
    model.scores(CANNED[0][0], ["杭州产业社区" * (TARGET // 6)] * RERANKED, float("inf"))
    spent = 1000 * (time.perf_counter() - began)
    found = (
        f"{settings.reranker} reads {RERANKED} passages in {spent:.0f} ms, the deadline is {settings.reranker_deadline}"
    )
    if spent > settings.reranker_deadline:
        return CheckResult("reranker", "warn", found, "raise RAG_RERANKER_DEADLINE or choose a smaller model")
    return CheckResult("reranker", "ok", found)


def check_files(settings: Settings) -> CheckResult:
    """The files derived from the catalogue are whole."""
    problems = derived_problems(settings.home)
    if problems:
        remedy = "nothing is lost: the next start builds them anew; delete the folder derived if it does not"
        return CheckResult("files", "warn", _few(problems), remedy)
    return CheckResult("files", "ok", "the derived files are whole")


def check_catalogue(service: Service) -> CheckResult:
    """The catalogue opens and holds something."""
    snapshot = service.index.snapshot
    found = f"{len(snapshot.documents)} documents, {len(snapshot.lexical)} passages, generation {snapshot.generation}"
    if not snapshot.documents:
        return CheckResult("catalogue", "warn", "it is empty", "add documents with: rag index add PATH…")
    return CheckResult("catalogue", "ok", found)


def check_indexes(service: Service) -> CheckResult:
    """FusedHits, slices, sources and vectors are level with the catalogue."""
    problems = service.index.verify()
    if problems:
        return CheckResult("legs", "bad", _few(problems), f"{REBUILD}; if that does not help, restore a backup")
    return CheckResult("legs", "ok", "level with the catalogue; every passage is the slice of its document")


def check_similar_questions(service: Service) -> CheckResult:
    """Similar questions that operators added still lead somewhere."""
    similar_questions = service.index.snapshot.similar_questions
    lost = len(orphans(service.index, similar_questions))
    if lost:
        remedy = "see: rag similar list --state orphaned; add them to the sections of today, then remove them"
        return CheckResult("askings", "warn", f"{lost} similar questions lead nowhere any more", remedy)
    return CheckResult(
        "askings", "ok", f"{sum(map(len, similar_questions.values()))} added to documents, each leads somewhere"
    )


def check_answers(service: Service) -> CheckResult:
    """Questions in Chinese find their documents with the lexical index alone."""
    asked = list(islice(_questions(service), len(CANNED)))
    if not asked:
        return CheckResult(
            "answers", "warn", "there is nothing to ask about", "add documents with: rag index add PATH…"
        )
    missed = [question for question, document in asked if document not in _found(service, question)]
    if missed:
        found = f"{len(missed)} of {len(asked)} questions miss their document: {'；'.join(missed)}"
        return CheckResult("answers", "bad", found, f"{REBUILD}; then call the doctor again")
    return CheckResult("answers", "ok", f"{len(asked)} of {len(asked)} questions find their document")


def _questions(service: Service) -> Iterator[tuple[str, str]]:
    """The canned questions whose document is there; then one for the title of each document with a text."""
    snapshot = service.index.snapshot
    canned = [(question, document) for question, document in CANNED if document in snapshot.documents]
    yield from canned
    asked = {document for _, document in canned}
    for entry in snapshot.documents.values():
        if entry.id not in asked and entry.key in snapshot.rows:
            yield f"{entry.title}在哪里？", entry.id


def _found(service: Service, question: str) -> set[str]:
    """Documents of the best passages; documents of one title stand for each other."""
    snapshot = service.index.snapshot
    found = service.search(question, DEPTH, "lexical").evidence
    titles = {one.document.title for one in found}
    return {entry.id for entry in snapshot.documents.values() if entry.title in titles}


def _few(problems: list[str]) -> str:
    more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return "; ".join(problems[:_SHOWN]) + more
