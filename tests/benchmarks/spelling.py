"""How many faults made by rule the speller mends, and how many questions without a fault it changes.

    python -m tests.benchmarks.spelling [--show N]

A thousand questions of the training set are written with a fault: another character of the same sound in a name or in
a word, a name in pinyin or by its initials, traditional characters. Mended means that the folded question is again
the one without the fault. 200 names are held out: no rule was looked at with them in view.
"""

import argparse
import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from itertools import pairwise

from opencc import OpenCC

from corpus.bundled import bundled_documents
from corpus.folding import fold
from corpus.lexicon import bundled_lexicon
from corpus.passage import split
from corpus.pinyin import spoken_readings, syllables_of
from index.lexical import Entry, LexicalLeg, LexicalReader, Tokens
from index.lexical.tokeniser import Tokeniser
from rag.query.homophones import free_characters
from rag.query.spelling import Speller

HELD_OUT = 200
EACH = 200  # questions of a kind

Fault = Callable[
    [str, str, random.Random], str | None
]  # a question, a name or word in it; None where it has no such fault


def speller(tokeniser: Tokeniser) -> tuple[Speller, LexicalReader, list[str]]:
    """The speller of the bundled corpus, and its names."""
    entries, names = [], {}
    for document in bundled_documents():
        names |= dict.fromkeys((document.title, *document.aliases))
        for passage in split(document):
            names |= dict.fromkeys(passage.section)
            heading = " ".join((document.title, *document.aliases, *passage.section))
            parts = [fold(text).text for text in (heading, passage.text, " ".join(passage.asked))]
            tokens = [" ".join(cut(part)) for part in parts for cut in (tokeniser.words, tokeniser.grams)]
            entries.append(Entry(len(entries), document.id, Tokens(*tokens)))
    lexical = LexicalLeg.in_memory().change([], entries)
    return Speller.of(names, lexical, tokeniser), lexical, list(names)


def homophone(question: str, part: str, chance: random.Random) -> str | None:
    """One character of the part becomes another one that sounds the same."""
    places = list(range(len(part)))
    chance.shuffle(places)
    for at in places:
        if others := sorted(_alike().get(spoken_readings(part[at])[:1], set()) - {part[at]}):
            return question.replace(part, part[:at] + chance.choice(others) + part[at + 1 :])
    return None


def pinyin(tokeniser: Tokeniser) -> Fault:
    def write(question: str, part: str, chance: random.Random) -> str | None:
        read = syllables_of(_words(part, tokeniser))
        joint = chance.choice(("", " "))
        words = _words(part, tokeniser)
        spelt = joint.join("".join(syllables_of([word])) for word in words)
        return question.replace(part, spelt) if read else None

    return write


def initials(tokeniser: Tokeniser) -> Fault:
    def write(question: str, part: str, chance: random.Random) -> str | None:
        read = syllables_of(_words(part, tokeniser))
        return question.replace(part, "".join(one[0] for one in read)) if len(read) > 2 else None

    return write


def traditional(question: str, part: str, chance: random.Random) -> str | None:
    written = str(_to_traditional().convert(question))
    return written if written != question else None


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--show", type=int, default=0, help="questions of each kind that were not mended, to be shown")
    show = options.parse_args().show
    tokeniser = Tokeniser(bundled_lexicon())
    reader, lexical, names = speller(tokeniser)
    questions = [json.loads(line) for line in _train()]
    clean = [one["q"] for one in questions if one["kind"] != "noisy"]
    changed = [question for question in clean if reader.correct(question).corrections]
    print(f"questions without a fault: {len(clean)}, changed {len(changed)} ({len(changed) / len(clean):.2%})")
    known = sorted({one for name in names for one in _chinese(name)}, key=_digest)
    held = set(known[:HELD_OUT])
    frequent = [word for word, count in lexical.words(8).items() if len(word) > 1 and _is_chinese(word)]
    kinds: list[tuple[str, Fault, Sequence[str]]] = [
        *(
            (f"{title}, {which}", fault, some)
            for title, fault in (
                ("homophone in a name", homophone),
                ("name in pinyin", pinyin(tokeniser)),
                ("name by its initials", initials(tokeniser)),
            )
            for which, some in (("held out", sorted(held)), ("others", known[HELD_OUT:]))
        ),
        ("homophone in a word of 3 characters or more", homophone, [word for word in frequent if len(word) > 2]),
        ("homophone in a word of 2 characters", homophone, [word for word in frequent if len(word) == 2]),
        ("traditional", traditional, [""]),
    ]
    for title, fault, parts in kinds:
        _report(title, reader, list(_made(clean, parts, fault)), show)


def _made(questions: Sequence[str], parts: Sequence[str], fault: Fault) -> Iterator[tuple[str, str]]:
    """Questions with and without a fault, the longest part that a question holds made wrong."""
    chance = random.Random(7)
    longest_first = sorted(parts, key=len, reverse=True)
    shuffled = list(questions)
    chance.shuffle(shuffled)
    count = 0
    for question in shuffled:
        part = next((one for one in longest_first if one in question), None)
        written = None if part is None else fault(question, part, chance)
        if written is not None and count < EACH:
            count += 1
            yield written, question


def _report(title: str, reader: Speller, made: Sequence[tuple[str, str]], show: int) -> None:
    start = time.thread_time()
    spelled = [reader.correct(written) for written, _ in made]
    spent = (time.thread_time() - start) / max(1, len(made))
    pairs = list(zip(made, spelled, strict=True))
    bad = [(written, one) for (written, question), one in pairs if fold(one.text).text != fold(question).text]
    beside = sum(bool(one.corrections) for _, one in bad)
    share = (len(made) - len(bad)) / max(1, len(made))
    print(f"{title}: {len(made)}, mended {share:.1%}, made something else {beside}, {spent * 1000:.2f} ms each")
    for written, one in bad[:show]:
        print(f"    {written}  {[(each.written, each.understood) for each in one.corrections]}")


def _alike() -> dict[tuple[str, ...], set[str]]:
    """Common characters by their usual reading."""
    if not _ALIKE:
        common = free_characters() | {character for word in bundled_lexicon().words for character in word}
        for character in common:
            _ALIKE[spoken_readings(character)[:1]].add(character)
    return _ALIKE


_ALIKE: dict[tuple[str, ...], set[str]] = defaultdict(set)


def _words(part: str, tokeniser: Tokeniser) -> list[str]:
    """The part cut into words that do not overlap."""
    borders = sorted({place for token in tokeniser.tokens(part) for place in (token.start, token.end)})
    return [part[start:end] for start, end in pairwise(borders)]


def _chinese(name: str) -> Iterator[str]:
    folded = fold(name).text
    if _is_chinese(folded) and 3 <= len(folded) <= 12:
        yield folded


def _is_chinese(text: str) -> bool:
    return all("\u3400" <= character <= "\u9fff" for character in text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _train() -> Iterator[str]:
    yield from (files("rag") / "evaluation" / "questions" / "train.jsonl").read_text(encoding="utf-8").splitlines()


def _to_traditional() -> OpenCC:
    return OpenCC("s2t")


if __name__ == "__main__":
    main()
