"""Checking: what a knowledge base must keep to, beyond what makes a single document valid.

Every statement has a source, every source is used, every name is one subject's, every heading
says something, and nothing is said twice. With a folder of facts, also: how many of them the documents carry.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import yaml

from corpus.cleaning import shows_nothing
from corpus.document import Document, InvalidDocument, is_address, is_date
from corpus.folding import fold
from corpus.reading.builder import DISAGREES
from corpus.reading.header import split_header
from corpus.reading.markdown import undefined_marks
from corpus.sentences import sentence_spans

KINDS = ("case", "city", "community", "concept", "operator", "park", "policy", "town")
LONGEST_STATEMENT = 130  # code points; a longer one is hard to quote

_TOPIC = re.compile(rf"\[\^{DISAGREES}([^\]\s]+)\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*\S)", re.M)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_QUOTED = re.compile(r"[“《〔]([^”》〕]+)[”》〕]")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to mend in one document."""

    document_id: str
    problem: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement that a document must carry."""

    document_id: str
    statement: str


@dataclass(frozen=True, slots=True)
class FactCoverage:
    """How many facts of how many stand in the documents; `missing` names what of the others does not."""

    facts: int
    found: int
    missing: tuple[Finding, ...]

    @property
    def share(self) -> float:
        """Share of the facts found, 0–1; 1 where there are none."""
        return self.found / self.facts if self.facts else 1.0


def check(documents: Iterable[Document], raw: Mapping[str, str] | None = None) -> list[Finding]:
    """Check documents that belong together.

    raw      their Markdown texts by file name without suffix; without them marks and dates are taken as read
    returns  findings by document and problem, none for a sound knowledge base
    """
    known = list(documents)
    found = {Finding(document.id, problem) for document in known for problem in _alone(document)}
    found.update(_together(known))
    if raw is not None:
        found.update(Finding(name, problem) for name, text in raw.items() for problem in _written(text))
        ids = {document.id for document in known}
        found.update(Finding(name, "no document has the id of this file") for name in raw if name not in ids)
        found.update(Finding(one, "no file has the name of this id") for one in ids if one not in raw)
    return sorted(found)


def read_facts(folder: Path) -> list[Fact]:
    """Read facts.

    folder  YAML files `<id>.yaml`, each with `facts`, a list of tables with a `statement`
    raises  InvalidDocument naming a file that is not so, or the folder where it holds none
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InvalidDocument(f"{folder}: no YAML files of facts")
    return [Fact(path.stem, statement) for path in paths for statement in _statements(path)]


def fact_coverage(documents: Iterable[Document], facts: Sequence[Fact]) -> FactCoverage:
    """Look up facts: is every number and every quoted name of a fact in its document?"""
    texts = {document.id: document.text for document in documents}
    missing = []
    for fact in facts:
        absent = absent_marks(fact.statement, texts.get(fact.document_id, ""))
        if absent:
            missing.append(Finding(fact.document_id, f"{'、'.join(absent)} missing of: {fact.statement}"))
    return FactCoverage(len(facts), len(facts) - len(missing), tuple(missing))


def absent_marks(statement: str, text: str) -> list[str]:
    """Numbers and quoted names of the statement that the text does not hold; white space aside."""
    statement, text = _squeezed(statement), _squeezed(text)
    numbers = [one for one in _NUMBER.findall(statement) if not _holds_number(text, one)]
    return numbers + [one for one in _QUOTED.findall(statement) if one not in text]


def _alone(document: Document) -> Iterator[str]:
    """Problems that one document shows by itself."""
    if shows_nothing(document.title) or document.title == document.id:
        yield "it has no title"
    if document.kind not in KINDS:
        yield f"kind {document.kind!r} is none of {', '.join(KINDS)}"
    if not document.districts:
        yield "it names no district"
    if not document.sources:
        yield "it names no source"
    for key, source in document.sources.items():
        if shows_nothing(source.title):
            yield f"source {key} has no title"
        if not is_address(source.url):
            yield f"source {key} has no http or https address"
    used = {key for attribution in document.attributions for key in attribution.sources}
    yield from (f"source {key} is never used" for key in document.sources if key not in used)
    sentences = dict.fromkeys(_sentences(document))
    for one in document.attributions:
        if (one.start, one.end) not in sentences:
            yield f"a mark stands for another stretch than one sentence: {document.text[one.start : one.end]}"
    for start, end in sentences:
        if not any(one.start < end and start < one.end for one in document.attributions):
            yield f"a statement has no source: {document.text[start:end]}"
        if end - start > LONGEST_STATEMENT:
            yield f"a statement has {end - start} characters: {document.text[start:end]}"


def _written(text: str) -> Iterator[str]:
    """Problems that only the Markdown text shows."""
    try:
        header, body = split_header(text, "document")
        undefined = sorted(undefined_marks(text))
    except InvalidDocument as error:
        yield str(error)
        return
    yield from (f"source {key} is used and not defined" for key in undefined)
    yield from (f"nothing stands under the heading {name}" for name in _empty_headings(body))
    topics = Counter(_TOPIC.findall(body))
    yield from (f"nothing disagrees about {topic}: its mark stands alone" for topic in topics if topics[topic] < 2)
    for key, source in (header.fields.get("sources") or {}).items():
        date = str(source.get("date", ""))
        if date and not is_date(date):
            yield f"the date of source {key} is not YYYY, YYYY-MM or YYYY-MM-DD"


def _empty_headings(body: str) -> Iterator[str]:
    """Headings followed by neither text nor a heading below them; similar questions are no text."""
    written = _COMMENT.sub("", body)
    headings = list(_HEADING.finditer(written))
    for one, following in zip_longest(headings, headings[1:]):
        between = written[one.end() : following.start() if following else len(written)]
        if not between.strip() and (following is None or len(following[1]) <= len(one[1])):
            yield one[2]


def _together(documents: Sequence[Document]) -> Iterator[Finding]:
    """Problems between documents: dead references, and names, ids and statements that two share."""
    ids = Counter(document.id for document in documents)
    yield from (Finding(one, "two documents have this id") for one, count in ids.items() if count > 1)
    named: dict[str, list[str]] = defaultdict(list)
    stated: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for document in documents:
        for related in document.related:
            if related == document.id or related not in ids:
                yield Finding(
                    document.id, f"related {related} is {'itself' if related == document.id else 'no document'}"
                )
        for name in (document.title, *document.aliases):
            named[fold(name).text].append(document.id)
        for start, end in _sentences(document):
            statement = document.text[start:end]
            stated[fold(statement).text].append((document.id, statement))
    for name, bearers in named.items():
        yield from (Finding(one, f"the name {name} is borne twice: {'、'.join(bearers)}") for one in bearers[1:])
    for tellers in stated.values():
        first, *others = tellers
        yield from (Finding(one, f"said before in {first[0]}: {statement}") for one, statement in others)


def _sentences(document: Document) -> Iterator[tuple[int, int]]:
    for section in document.sections:
        for start, end in sentence_spans(document.text[section.start : section.end]):
            yield section.start + start, section.start + end


def _statements(path: Path) -> list[str]:
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [str(fact["statement"]) for fact in told["facts"]]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise InvalidDocument(f"{path.name}: no list of facts with statements ({type(error).__name__})") from None


def _holds_number(text: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", text) is not None


def _squeezed(text: str) -> str:
    return "".join(text.split())
