"""Support: may a generated sentence be said on the strength of the passages that it cites?

No model judges this. A sentence is refused where it holds something that the cited passages do not:

number     a value with its unit. The clause around it must share its matter with the clause that it was taken
           from, name no other document, and hold no word that opens the clause of a neighbouring figure
name       a Latin run, a quoted title, a place, an authority, or what tells one 公司, 街道, 小镇 … from another
negation   a word that one side denies and the other does not
direction  增长, 超过, 因为, 全国, 比…大 …: words that turn a statement round must stand in the passages themselves
words      less than WORDS of the content words, counted by characters, occur in the passages or their headings,
           or one word stands exchanged for another in a sentence that is otherwise the passage's own
relation   a clause whose words come from several sentences, that has another subject than the sentence which it
           restates, or in which two names have changed places

Rules and thresholds were chosen on pairs made up for it (`tests/support_pairs.py`, `TUNED` in
`tests/support_pairs_bundled.py`); `tests/test_generation_support.py` measures how many unsupported sentences pass
and how many supported ones are lost, on those and on others. Not seen: other facts told freely in one sentence's
own words, and words exchanged beyond two characters.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal

from corpus.folding import fold
from index.lexical.tokeniser import Tokeniser
from rag.generation.faithfulness import cues
from rag.generation.faithfulness.content_words import FUNCTION_WORDS, content_words, covered, share
from rag.generation.faithfulness.ground import LABELS, ClaimedFigure, Ground, Names, Number, Sentence, figures
from rag.generation.faithfulness.places import foreign
from rag.generation.faithfulness.relations import related

Objection = Literal["number", "name", "negation", "direction", "words", "relation"]

WORDS: Final = 0.7  # below it sentences about other facts pass; at .8 a third of honest paraphrases is lost
MATTER: Final = 0.5  # of what a number's clause says beyond the heading: what is it that is measured?
OPENING: Final = 4  # characters in which a clause says what it is about: 首层, 二期, 亩均
SHARED: Final = 0.4  # of words and numbers: a further cited passage whose best sentence holds less adds nothing

_LINKING: Final = frozenset(
    "与和及或同并把将按为以在于被由从自至到的地得就也都向对可会能需须要有是其此该后处约了着过时"
)
_ATTRIBUTION: Final = re.compile("[^,]{0,30}(?:报道|消息|文章|报告|转载页?)[^,]{0,12},")
_WORD: Final = re.compile("[\u3400-\u9fff]+")


def objection(statement: str, grounds: Sequence[Ground], names: Names, tokeniser: Tokeniser) -> Objection | None:
    """Why the statement may not be said on these grounds; None where it may.

    statement  a sentence without its citation marks
    names      of the documents that the LLM was given
    """
    folded = fold(statement).text
    text = "\n".join(one.text for one in grounds)
    words = content_words(folded, tokeniser)
    if not all(_states(grounds, figure, tokeniser) for figure in figures(statement, names)):
        return "number"
    if any(name not in text for name in cues.names(folded)) or cues.latin(folded) - cues.latin(text):
        return "name"
    if foreign(folded, text):
        return "name"
    if cues.magnitudes(folded) - cues.magnitudes(text):
        return "number"
    if _denies_otherwise(folded, _closest(grounds, words).text):
        return "negation"
    if cues.turned(folded, text) or cues.widened(folded, text):
        return "direction"
    if share(words, text) < WORDS or _exchanged(folded, _closest(grounds, words).text, text):
        return "words"
    if not related(folded, grounds, tokeniser):
        return "relation"
    return None


def _states(grounds: Sequence[Ground], figure: ClaimedFigure, tokeniser: Tokeniser) -> bool:
    """Whether some clause of the grounds gives this number for this matter."""
    words = content_words(figure.clause, tokeniser)
    return any(_gives(one, figure, words) or _in_heading(figure.number, one) for one in grounds)


def _gives(one: Ground, figure: ClaimedFigure, words: frozenset[str]) -> bool:
    unnamed = frozenset(word for word in words if word not in one.heading)
    for sentence in one.sentences:
        told = _ATTRIBUTION.match(sentence.text)
        matter = frozenset(word for word in unnamed if not (told and word in told[0]))
        for held in sentence.figures:
            if not _same(figure.number, held.number, one.text) or figure.bound != held.bound:
                continue
            if figure.subjects and not figure.subjects & (held.subjects or {one.document_id}):
                continue
            measured = words if held.number[1] in LABELS or held.number[1].startswith("第") else matter
            if _fits(measured, held, sentence, one.heading) and not cues.turned(figure.clause, held.around):
                return True
    return False


def _fits(matter: frozenset[str], held: ClaimedFigure, sentence: Sentence, heading: str) -> bool:
    """Whether the held figure measures this matter, and no neighbouring one does so better.

    heading  what is said anyway; words of it count as covered
    """
    if covered(matter, f"{held.around}\n{heading}") < MATTER:
        return False
    neighbours = [other.clause[:OPENING] for other in sentence.figures if _rivals(other, held)]
    return not any(word in clause for word in matter if word not in held.around for clause in neighbours)


def _rivals(other: ClaimedFigure, held: ClaimedFigure) -> bool:
    return other.number[1] == held.number[1] and other.number != held.number and other.clause != held.clause


def _same(stated: Number, held: Number, text: str) -> bool:
    """Equal values; a unit may be missing on one side if the passage names it elsewhere, as tables do."""
    if stated[0] != held[0]:
        return False
    return stated[1] == held[1] or (not (stated[1] and held[1]) and (stated[1] or held[1]) in text)


def _in_heading(number: Number, one: Ground) -> bool:
    return any(_same(number, held.number, one.heading) for held in figures(one.heading, {}))


def _closest(grounds: Sequence[Ground], words: frozenset[str]) -> Sentence:
    """The sentence of the grounds that holds most of the words."""
    return max((sentence for one in grounds for sentence in one.sentences), key=lambda held: covered(words, held.text))


def _exchanged(stated: str, held: str, text: str) -> bool:
    """Whether a word stands exchanged for another as long, 省 for 市 or 月 for 天, between words that are the same."""
    for before, after in pairwise(SequenceMatcher(None, held, stated, autojunk=False).get_matching_blocks()):
        start, end = before.b + before.size, after.b
        was, now = held[before.a + before.size : after.a], stated[start:end]
        if not (1 <= len(was) == len(now) <= 2 and max(before.size, after.size) > 1 and _WORD.fullmatch(was + now)):
            continue
        linking = now in FUNCTION_WORDS or _LINKING.issuperset(now)
        alike = cues.alike(stated[max(0, start - 1) : end + 1], held[max(0, before.a + before.size - 1) : after.a + 1])
        if not (linking or alike) and stated[start - 1 : end] not in text and stated[start : end + 1] not in text:
            return True
    return False


def _denies_otherwise(stated: str, held: str) -> bool:
    """Whether one side denies what the other does not, or the statement permits what is denied."""
    said, found = cues.denied(stated), cues.denied(held)
    if bool(said) and not found:
        return True
    if cues.permitted(stated) & (found - cues.permitted(held)):
        return True
    return any(word in stated for word in found - said) and not said
