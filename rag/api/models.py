"""Bodies of the HTTP contract: strict requests, documented answers."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

QUESTION_LIMIT = 10_000  # hard limit in code points; the setting max_question lowers it
_Text = Annotated[str, StringConstraints(max_length=QUESTION_LIMIT)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _not_blank(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("blank")
    return text


class SearchRequest(_Request):
    """检索：返回按相关度排序的段落。"""

    query: _Text = Field(description="检索词或问题", examples=["物联网产业社区有哪些服务"])
    top_k: int = Field(5, ge=1, le=100, description="返回多少个段落")
    mode: Literal["hybrid", "dense", "lexical"] = Field("hybrid", description="混合、只用稠密、只用词面")
    filter: dict[str, str | list[str]] | None = Field(
        None, description="按字段筛选文档：kind、district、id、origin", examples=[{"district": ["滨江区", "临安区"]}]
    )
    explain: bool = Field(False, description="给出每个特征对相关度的贡献")

    _query_not_blank = field_validator("query")(_not_blank)


class Turn(_Request):
    """对话中的一轮。"""

    role: Literal["user", "assistant"] = Field(description="谁说的")
    content: _Text = Field(description="说了什么")


class AskRequest(_Request):
    """提问：返回由原文句子组成、逐句注明出处的回答，或如实说没有找到。"""

    question: _Text = Field(description="问题", examples=["linkpark产业社区占地多少亩？"])
    history: list[Turn] = Field(default=[], max_length=100, description="之前的对话，从旧到新；用来补全省略的追问")
    top_k: int = Field(5, ge=1, le=100, description="附上多少个段落")
    stream: bool = Field(False, description="以 SSE 事件流返回")
    generate: bool | None = Field(None, description="是否由大模型措辞；未配置大模型时给出摘录式回答并在 degraded 中说明")

    _question_not_blank = field_validator("question")(_not_blank)


class AnalyzeRequest(_Request):
    """分析：一段文字怎样被折叠和切词。"""

    text: _Text = Field(description="要分析的文字", examples=["運河萬科中心有１００家企業"])


class SourceBody(BaseModel):
    title: str
    publisher: str
    author: str
    date: str
    date_note: str
    url: str


class CitationBody(BaseModel):
    """一条引用：document.text[start:end] == quote，偏移按 Unicode 码位计。"""

    index: int
    document_id: str
    title: str
    section: list[str]
    page: int | None
    start: int
    end: int
    quote: str
    quote_sha256: str
    before: str
    after: str
    sources: list[SourceBody]


class LegBody(BaseModel):
    score: float
    rank: int


class ResultBody(BaseModel):
    """一个段落；relevance 是它能回答问题的概率。"""

    rank: int
    relevance: float
    passage_id: str
    text: str
    citation: CitationBody
    scores: dict[str, LegBody]
    explanation: dict[str, Any] | None = None


class SearchBody(BaseModel):
    query: str
    mode: str
    generation: int
    results: list[ResultBody]
    timing_ms: dict[str, float]
    degraded: list[str]


class StatementBody(BaseModel):
    text: str
    citations: list[int]


class AskBody(BaseModel):
    question: str
    resolved_question: str
    status: Literal["answered", "no_answer"]
    answer: str
    statements: list[StatementBody]
    disagreement: bool
    citations: list[CitationBody]
    passages: list[ResultBody]
    relevance: float
    generated_by: str
    generation: int
    timing_ms: dict[str, float]
    degraded: list[str]


class ReportBody(BaseModel):
    format: str
    encoding: str
    encoding_confidence: float
    documents: int
    pages: int
    sections: int
    passages: int
    characters: int
    dropped: list[str]
    warnings: list[str]


class KeptBody(BaseModel):
    """收录结果；从这个 generation 起可以检索到。"""

    id: str
    title: str
    replaced: bool
    documents: list[str]
    generation: int
    report: ReportBody


class DocumentSummary(BaseModel):
    id: str
    title: str
    aliases: list[str]
    kind: str
    districts: list[str]
    date: str
    characters: int
    origin: str
    parent: str | None
    content_hash: str
    generation: int


class DocumentsBody(BaseModel):
    documents: list[DocumentSummary]
    total: int
    next_cursor: str | None
    generation: int


class SectionBody(BaseModel):
    path: list[str]
    start: int
    end: int


class AttributionBody(BaseModel):
    start: int
    end: int
    sources: list[str]


class DisagreementBody(BaseModel):
    topic: str
    spans: list[tuple[int, int]]


class DocumentBody(DocumentSummary):
    text: str
    sections: list[SectionBody]
    sources: dict[str, SourceBody]
    attributions: list[AttributionBody]
    disagreements: list[DisagreementBody]
    related: list[str]
    pages: list[int]


class StatsBody(BaseModel):
    documents: int
    passages: int
    generation: int
    encoder: dict[str, Any]
    facets: dict[str, dict[str, int]]


class TokenBody(BaseModel):
    text: str
    start: int
    end: int


class AnalyzeBody(BaseModel):
    text: str
    folded: str
    words: list[TokenBody]
    grams: list[str]


class HealthBody(BaseModel):
    status: str


class ProblemBody(BaseModel):
    """RFC 9457 错误。"""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[dict[str, str]] | None = None
