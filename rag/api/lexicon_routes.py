"""Routes for the lexicon: what the user added to it, and what ships with the service."""

import asyncio
import logging
from collections.abc import Collection
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from corpus.lexicon import (
    LONGEST,
    MOST_GROUPS,
    MOST_MEMBERS,
    MOST_WORDS,
    Lexicon,
    LexiconInvalid,
    bundled_lexicon,
)
from index.errors import IndexProblem
from rag.api.contract import answers
from rag.api.problems import Problem
from rag.api.question_routes import The
from rag.api.wire import StrictRoute, json_response
from rag.content.user_lexicon import checked_lexicon
from rag.service import Service

log = logging.getLogger(__name__)

_LONGEST_WRITTEN: Final = 100  # characters as sent; folding may shorten them
_PATIENCE: Final = 5.0  # seconds that a change waits for the passages that it makes stale
_SENTENCES: Final = {
    "length": f"折叠后须有 2 到 {LONGEST} 个字符：改短、补全或删去",
    "letters": "词只能由汉字组成；字母和数字本来就各自成词：删去这一项",
    "signs": "须含有文字或数字，不能有不可显示的字符：重新输入",
    "members": f"一组须有 2 到 {MOST_MEMBERS} 个不同的说法：补全或拆开",
    "order": "与前面一组说法相同而次序不同：两组只保留一组",
    "asking": "只是提问用语，检索时不看：删去这一项",
    "many": f"最多 {MOST_WORDS} 个词、{MOST_GROUPS} 组说法：删去一些",
}
_HOLDS: Final = "词表已经生效。"
_STALE: Final = "词表已经保存，正在重新切分含有新旧词的段落，完成后一并生效；在此之前仍按原来的词表回答。"

_Text = Annotated[str, Field(max_length=_LONGEST_WRITTEN)]


class LexiconRequest(BaseModel):
    """用户词典的全部内容；会替换原来的。"""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    words: list[_Text] = Field(
        max_length=MOST_WORDS, description="通用词典会切开的专名，只由汉字组成", examples=[["某某产业社区"]]
    )
    synonyms: list[Annotated[list[_Text], Field(max_length=MOST_MEMBERS)]] = Field(
        max_length=MOST_GROUPS,
        description="意思相近的说法，一组一个列表，文档里的说法在前",
        examples=[[["健身房", "健身", "锻炼"]]],
    )


class LexiconPart(BaseModel):
    """一份词典，文字都已折叠。"""

    words: list[str] = Field(description="作为整体切出的词")
    synonyms: list[list[str]] = Field(description="意思相近的说法，一组一个列表")


class LexiconBody(LexiconPart):
    """用户词典与自带词典。"""

    bundled: LexiconPart = Field(description="自带的词典；用户词典加在它之上")
    version: str = Field(description="合并后整个词典的版本")
    fingerprint: str = Field(description="合并后词表的 SHA-256，决定切词")
    synonyms_fingerprint: str = Field(description="合并后同义说法的 SHA-256")
    generation: int = Field(description="现在回答问题所用的索引代数")
    index_stale: bool = Field(description="提问是否还用着之前的词典")
    stale_passages: int = Field(description="还要重新切分的段落数")
    needless: list[str] = Field(description="这次添加的词里，本来就作为整体切出的")
    message: str = Field(description="是否已经生效")


_EXAMPLE: Final = {
    "words": ["某某产业社区"],
    "synonyms": [["健身房", "健身", "锻炼"]],
    "bundled": {"words": ["产业社区"], "synonyms": [["租金", "房租"]]},
    "fingerprint": "3f1c9d0e5b7a2846c1d4e8f90a6b3c5d7e9f1a2b4c6d8e0f1a3b5c7d9e0f2a4b",
    "synonyms_fingerprint": "9a7b5c3d1e0f2a4b6c8d0e1f3a5b7c9d1e2f4a6b8c0d2e4f6a8b0c1d3e5f7a9b",
    "version": "5b0c1f77d2a94e36",
    "generation": 13,
    "index_stale": False,
    "stale_passages": 0,
    "needless": [],
    "message": _HOLDS,
}

router = APIRouter(prefix="/v1/lexicon", route_class=StrictRoute, tags=["词典"])


@router.get("", summary="读取词典", response_model=None, responses=answers(LexiconBody, _EXAMPLE, "用户词典与自带词典"))
async def get(service: The) -> Response:
    """用户添加的词和同义说法、自带的词典、版本，以及还有多少段落要重新切分。"""
    service.lexicon.refresh()
    return _told(service)


@router.put(
    "",
    summary="替换用户词典",
    response_model=None,
    responses=answers(LexiconBody, _EXAMPLE, "已替换", 400, 413, 415, 422, 507),
)
async def put(body: LexiconRequest, service: The) -> Response:
    """用户的词和同义说法整个换成这里给出的，断电不丢，从 generation 起的问题都用它。

    含有新旧词的段落要重新切分；段落很多、几秒内做不完时 index_stale 为 true，其余在后台完成。
    """
    try:
        own = checked_lexicon(body.words, body.synonyms)
    except LexiconInvalid as error:
        pointer = f"#/{error.part}/{error.number}"
        raise Problem(
            422, "词典里有不能用的内容，见 errors", "invalid_lexicon", [(pointer, _SENTENCES[error.code])]
        ) from None
    before, tokeniser = service.lexicon.own, service.index.tokeniser
    added = sorted({*own.words} - {*before.words})
    needless = [word for word in added if word in tokeniser.words(word)]
    try:
        await asyncio.to_thread(service.lexicon.replace, own)
    except OSError:
        raise Problem(507, "词典无法写入磁盘，改动没有生效") from None
    await _carry(service, before)
    return _told(service, needless)


async def _carry(service: Service, before: Lexicon) -> None:
    """Wait a moment for the index to take the lexicon; where it cannot, nothing is changed.

    before  what to put back then
    raises  IndexProblem
    """
    carrying = asyncio.ensure_future(asyncio.to_thread(service.carry_lexicon))
    done, _ = await asyncio.wait({carrying}, timeout=_PATIENCE)
    if not done:
        carrying.add_done_callback(_log_failure)
        return
    try:
        carrying.result()
    except IndexProblem:
        await asyncio.to_thread(service.lexicon.replace, before)
        raise


def _log_failure(carrying: "asyncio.Future[int]") -> None:
    if not carrying.cancelled() and (error := carrying.exception()) is not None:
        log.error("the lexicon cannot be carried into the index (%s)", error)


def _told(service: Service, needless: Collection[str] = ()) -> Response:
    bundled, lexicon, holds = bundled_lexicon(), service.lexicon, service.lexicon_holds
    generation = service.index.snapshot.generation
    body: dict[str, Any] = {
        "words": lexicon.own.words,
        "synonyms": lexicon.own.groups,
        "bundled": {"words": bundled.words, "synonyms": bundled.groups},
        "version": lexicon.whole.version,
        "fingerprint": lexicon.whole.fingerprint,
        "synonyms_fingerprint": lexicon.whole.synonyms_fingerprint,
        "generation": generation,
        "index_stale": not holds,
        "stale_passages": service.stale_passages,
        "needless": list(needless),
        "message": _HOLDS if holds else _STALE,
    }
    return json_response(body, generation=generation)
