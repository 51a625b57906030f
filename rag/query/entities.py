"""Gazetteer: the names by which documents are known, found in a question in time that does not grow with the corpus."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.folding import fold
from index.store.catalogue import DocumentEntry

_LONGEST = 24  # code points of a folded name
_DISTINCT = re.compile(r"[a-z0-9]{2}|.{3}")  # two letters or digits, or three characters, at the least
_KIND = re.compile(
    r"(?:(?:未来|现代)?(?:产业|商务|工业)?社区|(?:智慧|特色)?小镇|科技[城园谷]|产业园区?|创业园|园区|新城|街道)$"
)
_AREA = re.compile(r"(?<=..)[区县市]$")
_SHORTEST = 2  # characters of a name without its kind


_PAPER = re.compile(
    r"(?:的?(?:使用|操作|安装|读者|用户|员工|服务|工作|年度|管理|实施|项目|可行性|研究|调研|情况|总结))*"
    r"(?:说明书?|指南|手册|须知|办法|规定|细则|制度|条例|方案|报告|总结|通知|公告|纪要|台账|清单|简介|介绍|章程)$"
)
_OWNER = re.compile(
    r".{1,16}(?:村|镇|街道|社区|小区|园区|公司|集团|馆|学校|大学|学院|[中小]学|医院|酒店|中心|研究[院所]|协会|合作社|委员会)"
)
_AND = re.compile("[和与跟同及、]")
_OF = re.compile("(?:这?两[个地市区城])?的?")
_OWN_PART = range(2, 5)  # characters of a name before what it shares with another
_MODEL = re.compile(r"[a-z]+-?\d[a-z0-9-]*")
_APART = re.compile(r"(?<=.)\s*[(\[【][^()\[\]【】]*[)\]】]$")  # what is added to a title to tell it from another
_QUOTES = re.compile("[《》]")


@dataclass(frozen=True, slots=True)
class Entity:
    """A name found in a folded text, and the documents it names."""

    name: str
    start: int
    end: int
    documents: frozenset[int]


class Gazetteer:
    """Folded names → keys of the documents that bear them as title or alias."""

    def __init__(self, entries: Iterable[DocumentEntry]) -> None:
        named: dict[str, set[int]] = {}
        districts: set[str] = set()
        for entry in entries:
            districts.update(map(folded_name, entry.districts))
            for folded in names_of(entry):
                if len(folded) <= _LONGEST and _DISTINCT.match(folded):
                    named.setdefault(folded, set()).add(entry.key)
        self._named: Mapping[str, frozenset[int]] = {name: frozenset(keys) for name, keys in named.items()}
        self._lengths = _lengths(self._named)
        self._districts = frozenset(districts | {_AREA.sub("", one) for one in districts})
        self._names = "\n".join(self._named)

    def entities(self, folded: str) -> list[Entity]:
        """Names in the text from left to right, the longest at each place, not overlapping.

        A name that was given in full may come again without its kind: 湖山未来社区……，湖山的面积.
        """
        found: list[Entity] = []
        start = 0
        while start < len(folded):
            entity = self._longest_at(folded, start) or _again(folded, start, found)
            if entity is not None:
                found.append(entity)
            start = entity.end if entity is not None else start + 1
        return found

    def spelled_out(self, folded: str) -> str:
        """The text with what two names share after both: 成都产业社区和上海产业社区 for 成都和上海的产业社区."""
        for joint in _AND.finditer(folded):
            shared = self._shared(folded[: joint.start()], folded[joint.end() :])
            if shared is not None:
                return f"{folded[: joint.start()]}{shared[0]}{joint[0]}{shared[1]}"
        return folded

    def _shared(self, before: str, after: str) -> tuple[str, str] | None:
        """What the name at the end of `before` lacks, and `after` with its first name written in one."""
        for own in _OWN_PART:
            rest = after[_OF.match(after, own).end() :]  # type: ignore[union-attr]  # it matches everywhere
            for shared in (rest[:length] for length in range(min(len(rest), _LONGEST), 1, -1)):
                if after[:own] + shared in self._named and any(before[-k:] + shared in self._named for k in _OWN_PART):
                    return shared, after[:own] + rest
        return None

    def in_a_name(self, folded: str) -> bool:
        """Whether a word is a part of some name."""
        return folded in self._names

    def is_district(self, folded: str) -> bool:
        """Whether a word is a district of some document, as 余杭区 or 余杭."""
        return folded in self._districts

    def _longest_at(self, folded: str, start: int) -> Entity | None:
        for length in self._lengths.get(folded[start : start + 2], ()):
            name = folded[start : start + length]
            documents = self._named.get(name)
            if documents is not None:
                return Entity(name, start, start + len(name), documents)
        return None


def _lengths(names: Iterable[str]) -> dict[str, list[int]]:
    """First two characters → lengths of the names that begin with them, longest first."""
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[:2], set()).add(len(name))
    return {first: sorted(found, reverse=True) for first, found in lengths.items()}


def _again(folded: str, start: int, before: Iterable[Entity]) -> Entity | None:
    for entity in before:
        short = _KIND.sub("", entity.name)
        if _SHORTEST <= len(short) < len(entity.name) and folded.startswith(short, start):
            return Entity(short, start, start + len(short), entity.documents)
    return None


def names_of(entry: DocumentEntry) -> tuple[str, ...]:
    """Folded title and aliases; in place of aliases that nobody gave, what a title is called for short."""
    names = tuple(map(folded_name, (entry.title, *entry.aliases)))
    return names if entry.aliases else tuple(dict.fromkeys((*names, *_short(names[0]))))


def _short(title: str) -> list[str]:
    """«桐溪村水稻项目总结报告(2023)» is 桐溪村水稻 and 桐溪村, «清源qy-20水表说明书» also qy-20."""
    bare = _APART.sub("", _QUOTES.sub("", title))
    owner = _OWNER.match(bare)
    subject = _PAPER.sub("", bare).removeprefix("关于").removesuffix("的")
    names = (bare, subject, owner and owner[0], *_MODEL.findall(bare))
    return [name for name in names if name and _DISTINCT.match(name)]


@lru_cache(maxsize=65_536)
def folded_name(name: str) -> str:
    return fold(name).text
