"""Routes for the lexicon: what the user added to it, and what ships with the service."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from corpus.lexicon import LONGEST, MOST_MEMBERS, LexiconInvalid, bundled_lexicon, make_lexicon
from rag.api.contract import answers
from rag.api.problems import Problem
from rag.api.wire import StrictRoute, json_response
from rag.user_lexicon import MOST_GROUPS, MOST_WORDS, UserLexicon

_LONGEST_WRITTEN: Final = 100  # characters as sent; folding may shorten them
_SENTENCES: Final = {
    "length": f"折叠后须有 2 到 {LONGEST} 个字符",
    "letters": "词只能由汉字组成；字母和数字本来就各自成词",
    "signs": "须含有文字或数字，不能有不可显示的字符",
    "members": f"一组须有 2 到 {MOST_MEMBERS} 个不同的说法",
}
_AT_ONCE: Final = "同义说法从下一个问题起生效。"
_STALE: Final = "词表有改动，索引还是按旧词表切分的：重启服务时会自动重建词面索引，词表随即生效。"
_FRESH: Final = "词表与索引一致。"

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
    fingerprint: str = Field(description="合并后词表的 SHA-256，决定切词")
    synonyms_fingerprint: str = Field(description="合并后同义说法的 SHA-256")
    index_stale: bool = Field(description="索引是否还按旧词表切分")
    message: str = Field(description="什么已经生效，什么还没有")


_EXAMPLE: Final = {
    "words": ["某某产业社区"],
    "synonyms": [["健身房", "健身", "锻炼"]],
    "bundled": {"words": ["产业社区"], "synonyms": [["租金", "房租"]]},
    "fingerprint": "3f1c9d0e5b7a2846c1d4e8f90a6b3c5d7e9f1a2b4c6d8e0f1a3b5c7d9e0f2a4b",
    "synonyms_fingerprint": "9a7b5c3d1e0f2a4b6c8d0e1f3a5b7c9d1e2f4a6b8c0d2e4f6a8b0c1d3e5f7a9b",
    "index_stale": True,
    "message": _AT_ONCE + _STALE,
}

router = APIRouter(prefix="/v1/lexicon", route_class=StrictRoute, tags=["词典"])


def lexicon_of(request: Request) -> UserLexicon:
    """The user's lexicon that the app was made with."""
    lexicon: UserLexicon = request.app.state.lexicon
    return lexicon


The = Annotated[UserLexicon, Depends(lexicon_of)]


@router.get("", summary="读取词典", response_model=None, responses=answers(LexiconBody, _EXAMPLE, "用户词典与自带词典"))
async def get(lexicon: The) -> Response:
    """用户添加的词和同义说法、自带的词典，以及索引是否还按旧词表切分。"""
    lexicon.refresh()
    return json_response(_body(lexicon))


@router.put(
    "",
    summary="替换用户词典",
    response_model=None,
    responses=answers(LexiconBody, _EXAMPLE, "已替换", 400, 413, 415, 422, 507),
)
async def put(body: LexiconRequest, lexicon: The) -> Response:
    """用户的词和同义说法整个换成这里给出的，断电不丢。同义说法立即生效；词表有改动时 index_stale 为 true。"""
    try:
        own = make_lexicon(body.words, body.synonyms)
    except LexiconInvalid as error:
        pointer = f"#/{error.part}/{error.number}"
        raise Problem(
            422, "词典里有不能用的内容，见 errors", "invalid_lexicon", [(pointer, _SENTENCES[error.code])]
        ) from None
    try:
        await asyncio.to_thread(lexicon.replace, own)
    except OSError:
        raise Problem(507, "词典无法写入磁盘，改动没有生效") from None
    return json_response(_body(lexicon))


def _body(lexicon: UserLexicon) -> dict[str, Any]:
    bundled = bundled_lexicon()
    return {
        "words": lexicon.own.words,
        "synonyms": lexicon.own.groups,
        "bundled": {"words": bundled.words, "synonyms": bundled.groups},
        "fingerprint": lexicon.whole.fingerprint,
        "synonyms_fingerprint": lexicon.whole.synonyms_fingerprint,
        "index_stale": lexicon.stale,
        "message": _AT_ONCE + (_STALE if lexicon.stale else _FRESH),
    }
