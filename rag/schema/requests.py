"""What clients may send: strict models. An unknown field, a wrong type or half a surrogate pair is refused."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from corpus.document import is_date
from rag.query.filters import Filter, FilterInvalid, passing

QUESTION_LIMIT: Final = 10_000  # hard limit in code points; the setting max_question lowers it
VALUES_LIMIT: Final = 1000  # values that one field of a filter may have
HISTORY_LIMIT: Final = 100  # turns
WORDS_LIMIT: Final = 200  # code points of the words that a title must hold

_DATED = "文档的日期指目录所记的最新来源日期；只知道年或月的，只要可能落在其中就算符合；没有日期的文档不符合"
_FROM = f"不早于这一天（含）：YYYY、YYYY-MM 或 YYYY-MM-DD。{_DATED}"
_TO = f"不晚于这一天（含；只写年或月时到年底或月底）。{_DATED}"
_Q = "标题或别名须含有的词，以空格分开；繁简、全半角、大小写不论"
_SEVERAL = ("kind", "district", "id", "origin", "publisher", "number")
_FILTER = "筛选文档，与 GET /v1/documents 的筛选字段相同"


def _not_blank(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise PydanticCustomError("blank", "blank")
    return text


def _dated(text: str) -> str:
    if not is_date(text):
        raise PydanticCustomError("date", "date")
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Text = Annotated[str, StringConstraints(max_length=QUESTION_LIMIT)]
Told = Annotated[_Text, AfterValidator(_not_blank)]
_Listed = Annotated[list[_Text], Field(max_length=VALUES_LIMIT)]
_Values = Annotated[_Listed, BeforeValidator(_listed, json_schema_input_type=str | list[str])]
_Date = Annotated[str, AfterValidator(_dated)]
_Words = Annotated[str, Field(max_length=WORDS_LIMIT)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Choosing(BaseModel):
    """Chooses documents by fields that its heirs declare, as their way of being written is not the same."""

    @model_validator(mode="after")
    def _has_sense(self) -> Self:
        try:
            passing(self.only)
        except FilterInvalid as error:
            raise PydanticCustomError(f"filter_{error.code}", "filter") from None
        return self

    @property
    def only(self) -> Filter:
        """The fields that were written."""
        several = {name: getattr(self, name) for name in _SEVERAL}
        single = {name: getattr(self, field) for name, field in (("from", "since"), ("to", "until"), ("q", "q"))}
        written = {name: values for name, values in several.items() if name in self.model_fields_set}
        return written | {name: [value] for name, value in single.items() if value}


class FilterRequest(_Choosing, _Request):
    """筛选文档：写了的字段都要符合；除日期和 q 外可写一个或多个值，符合其一即可。"""

    kind: _Values = Field([], description="类别", examples=["community"])
    district: _Values = Field([], description="区县", examples=[["滨江区", "临安区"]])
    id: _Values = Field([], description="文档编号", examples=["linkpark"])
    origin: _Values = Field([], description="bundled 自带，user 用户收录", examples=["user"])
    publisher: _Values = Field([], description="发文机关或发布者", examples=["杭州市人民政府办公厅"])
    number: _Values = Field([], description="发文字号，括号写法不限", examples=["杭政办〔2019〕2号"])
    since: _Date = Field("", alias="from", description=_FROM, examples=["2023"])
    until: _Date = Field("", alias="to", description=_TO, examples=["2024-06-30"])
    q: _Words = Field("", description=_Q, examples=["产业社区"])


class SearchRequest(_Request):
    """检索：返回按相关度排序的段落。"""

    query: Told = Field(description="检索词或问题", examples=["物联网产业社区有哪些服务"])
    top_k: int = Field(5, ge=1, le=100, description="返回多少个段落")
    mode: Literal["hybrid", "dense", "lexical"] = Field("hybrid", description="混合、只用稠密、只用词面")
    filter: FilterRequest | None = Field(None, description=_FILTER, examples=[{"district": ["滨江区", "临安区"]}])
    explain: bool = Field(False, description="给出每个特征对相关度的贡献")


class Turn(_Request):
    """对话中的一轮。"""

    role: Literal["user", "assistant"] = Field(description="谁说的")
    content: _Text = Field(description="说了什么")


class AskRequest(_Request):
    """提问：返回由原文句子组成、逐句注明出处的回答，或如实说没有找到。"""

    question: Told = Field(description="问题", examples=["linkpark产业社区占地多少亩？"])
    history: list[Turn] = Field(
        default=[], max_length=HISTORY_LIMIT, description="之前的对话，从旧到新；用来补全省略的追问"
    )
    top_k: int = Field(5, ge=1, le=100, description="附上多少个段落")
    filter: FilterRequest | None = Field(None, description=_FILTER, examples=[{"from": "2023", "kind": "policy"}])
    stream: bool = Field(False, description="以 SSE 事件流返回")
    generate: bool | None = Field(
        None, description="是否由大模型措辞；未配置大模型时给出摘录式回答并在 degraded 中说明"
    )
    spelling: Literal["auto", "off"] = Field("auto", description="off：照原样理解问题，不按资料的写法改正错字、拼音等")


class AnalyzeRequest(_Request):
    """分析：一段文字怎样被折叠和切词。"""

    text: _Text = Field(description="要分析的文字", examples=["運河萬科中心有１００家企業"])


class UploadQuery(BaseModel):
    """怎样收录文件。"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    replace: bool = Field(False, description="编号只取自文件名时，是否替换同编号而内容不同的文档")


class ListQuery(_Choosing):
    """怎样列出文档。"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=1000, description="每页多少个")
    cursor: str | None = Field(None, max_length=64, description="上一页给出的 next_cursor")
    kind: _Listed = Field([], description="只列这些类别，可重复", examples=[["community"]])
    district: _Listed = Field([], description="只列这些区县，可重复", examples=[["滨江区"]])
    id: _Listed = Field([], description="只列这些编号，可重复")
    origin: _Listed = Field([], description="只列自带的（bundled）或用户收录的（user）")
    publisher: _Listed = Field([], description="只列这些机关或发布者的，可重复")
    number: _Listed = Field([], description="只列这些发文字号的，可重复")
    since: _Date = Field("", alias="from", description=_FROM, examples=["2023"])
    until: _Date = Field("", alias="to", description=_TO, examples=["2024-06-30"])
    q: _Words = Field("", description=_Q, examples=["产业社区"])
