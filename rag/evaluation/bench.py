"""The bench: which systems are tried on which set, and what identifies them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import corpus
import index
import rag
from index.building import Progress
from index.encoder.loading import load_encoder
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from rag.content.user_lexicon import load_lexicon
from rag.evaluation.case import QuestionSet, TextRow
from rag.evaluation.systems import DEPTH, SHOWN, Name, System, local_system
from rag.evaluation.temporary import document_of, outer_ids, temporary_service
from rag.service import Service
from rag.settings import Settings

_NOT_DECISIVE = ("evaluation/", "evaluate_command", "feedback/", "page/", "api/", "documents/", "training/")
_INCIDENTAL = {  # settings that change no answer
    "host",
    "port",
    "home",
    "log_level",
    "max_body_mb",
    "max_question",
    "feedback",
    "feedback_days",
}


class LocalBench:
    """Systems in this process. The service's own index is opened only if a set asks about it.

    haystack  documents put beside the service's own, in a temporary index
    """

    def __init__(
        self, settings: Settings, names: Sequence[Name], progress: Progress, haystack: Sequence[TextRow] = ()
    ) -> None:
        self.names = names
        self._haystack = haystack
        self._settings = settings
        self._progress = progress
        self._encoder = load_encoder(settings.encoder)
        self._tokeniser = Tokeniser(load_lexicon(settings.home))
        self._code = code_fingerprint()
        self._open = ExitStack()
        self._service: Service | None = None

    def fingerprint(self, question_set: QuestionSet) -> str:
        """SHA-256 of all that decides the answers to this set."""
        documents: Any = "of the set"
        if not question_set.texts:
            snapshot = self._own_service().index.snapshot
            similar = [asdict(one) for some in snapshot.similar_questions.values() for one in some if one.approved]
            documents = [{entry.id: entry.content_hash for entry in snapshot.documents.values()}, similar]
        settings = self._settings.model_dump(mode="json", exclude=_INCIDENTAL)
        parts = [SHOWN, DEPTH, self._code, settings, documents, question_set.fingerprint]
        parts += [self._encoder.fingerprint, self._tokeniser.fingerprint, self._tokeniser.lexicon.version]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @contextmanager
    def systems(self, question_set: QuestionSet) -> Iterator[list[System]]:
        """The systems, on the service's index or on a temporary one of the set's own documents."""
        if not question_set.texts and not self._knows(question_set):
            yield []
            return
        if not question_set.texts:
            yield [local_system(name, self._own_service(), {}) for name in self.names]
            return
        documents = (document_of(row) for row in question_set.texts)
        with temporary_service(self._settings, self._encoder, self._tokeniser, documents, self._progress) as service:
            back = outer_ids(question_set.texts)
            yield [local_system(name, service, back) for name in self.names]

    def close(self) -> None:
        """Close the service and remove temporary indexes."""
        self._open.close()

    def _knows(self, question_set: QuestionSet) -> bool:
        """Whether our systems can be asked: not if the set brings runs and judges only documents unknown here."""
        held = self._own_service().index.snapshot.documents
        return not question_set.rankings or any(name in held for case in question_set.cases for name in case.relevant)

    def _own_service(self) -> Service:
        if self._service is None:
            found = PassageIndex.open(self._settings.home, self._encoder, self._tokeniser, writable=False)
            own = Service(self._settings, found)
            self._open.callback(own.close)
            self._service = self._open.enter_context(self._among_hay(own)) if self._haystack else own
        return self._service

    def _among_hay(self, own: Service) -> AbstractContextManager[Service]:
        documents = [own.index.document(entry) for entry in own.index.snapshot.documents.values()]
        documents += map(document_of, self._haystack)
        return temporary_service(self._settings, self._encoder, self._tokeniser, documents, self._progress)


def code_fingerprint() -> str:
    """SHA-256 over the code and weights that answer questions; evaluation, API, page and documents left out."""
    digest = hashlib.sha256()
    for package in (corpus, index, rag):
        root = Path(str(package.__file__)).parent
        for path in sorted((*root.rglob("*.py"), *root.rglob("*.json"))):
            place = path.relative_to(root).as_posix()
            if not place.startswith(_NOT_DECISIVE):
                digest.update(f"{root.name}/{place}".encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
