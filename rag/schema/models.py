"""What the service answers: the documented shapes of the HTTP contract, but for those of documents."""

from typing import Literal

from pydantic import BaseModel, Field

_RELEVANCE = "能回答问题的概率，0–1"
GENERATION = "索引的代：每次收录、删除或词典改动加一"
_TIMING = "各步骤用时，毫秒"
_DEGRADED = "打了折扣的地方，例如 generation_unavailable、reranker_timeout；平常为空"


class SourceBody(BaseModel):
    """一条来源；未知的字段是空字符串。"""

    title: str = Field(description="题名")
    publisher: str = Field(description="发布者")
    author: str = Field(description="作者")
    date: str = Field(description="日期：YYYY、YYYY-MM 或 YYYY-MM-DD")
    date_note: str = Field(description="日期的说明")
    url: str = Field(description="网址")
    number: str = Field("", description="发文字号，如 杭政办〔2019〕2号")
    validity: str = Field("", description="施行日期或有效性，照原文")


class CitationBody(BaseModel):
    """一条引用：document.text[start:end] == quote，偏移按 Unicode 码位计。"""

    index: int = Field(description="编号，从 1 起")
    document_id: str = Field(description="文档编号")
    title: str = Field(description="文档标题")
    section: list[str] = Field(description="从外到内的小标题")
    page: int | None = Field(description="页码；没有页的格式为 null")
    start: int = Field(description="引文在文档全文中的起点")
    end: int = Field(description="引文的终点，不含")
    quote: str = Field(description="引文，与原文逐字相同")
    quote_sha256: str = Field(description="引文（UTF-8）的 SHA-256")
    before: str = Field(description="段落中引文之前的文字")
    after: str = Field(description="段落中引文之后的文字")
    sources: list[SourceBody] = Field(description="恰是这句引文的来源")


class RankedScoreBody(BaseModel):
    """一路检索给这个段落的分数和名次。"""

    score: float = Field(description="分数")
    rank: int = Field(description="名次，从 1 起")
    share: float = Field(description="词面与语义对名次的贡献中，这一路占多少，0–1")


class RerankedBody(BaseModel):
    """重排模型给这个段落的分数和名次；它只决定先后，不决定有没有回答。"""

    score: float = Field(description="分数，0–1，未经校准")
    rank: int = Field(description="名次，从 1 起")


class ExplanationBody(BaseModel):
    """相关度的由来：bias 与 log_odds_shares 之和是相关度的对数几率；order_shares 之和决定名次。"""

    bias: float = Field(description="常数项")
    features: dict[str, float] = Field(description="特征的值")
    log_odds_shares: dict[str, float] = Field(description="每个特征对对数几率的贡献")
    order_shares: dict[str, float] = Field(description="每个特征对名次的贡献")


class DuplicateBody(BaseModel):
    """同一段话的另一处：另一份文档中的段落，所说的不超出（或包含）这个段落。"""

    document_id: str = Field(description="文档编号")
    title: str = Field(description="文档标题")
    publisher: str = Field(description="那里最新来源的发布者")
    date: str = Field(description="那里最新来源的日期")
    address: str = Field(description="那里最新来源的网址")
    start: int = Field(description="段落在那份文档全文中的起点")
    end: int = Field(description="段落的终点，不含")


class ResultBody(BaseModel):
    """一个段落；relevance 是它能回答问题的概率。"""

    rank: int = Field(description="名次，从 1 起")
    relevance: float = Field(description=_RELEVANCE)
    passage_id: str = Field(description="段落编号")
    text: str = Field(description="段落原文")
    also_in: list[DuplicateBody] = Field(
        description="另见：还有哪些文档载有同一段话（转载、略有改动的稿子），这些段落不再单独列出；最多 20 处"
    )
    citation: CitationBody = Field(description="段落中最切题的一句")
    matches: list[tuple[int, int]] = Field(
        default=[], description="text 中与问题相合的词（不论繁简、全半角、数字写法，同义说法也算）的区间，按码位计"
    )
    scores: dict[str, RankedScoreBody] = Field(description="lexical 词面、dense 稠密；没有命中的一路不出现")
    reranked: RerankedBody | None = Field(None, description="配置了重排模型、由它读过的段落才有")
    explanation: ExplanationBody | None = Field(None, description="explain 为 true 时才有")


class SearchBody(BaseModel):
    """检索结果；没有结果时 results 是空列表。"""

    query: str = Field(description="检索词")
    mode: str = Field(description="检索方式")
    generation: int = Field(description=GENERATION)
    results: list[ResultBody] = Field(description="段落，最相关的在前")
    timing_ms: dict[str, float] = Field(description=_TIMING)
    degraded: list[str] = Field(description=_DEGRADED)


class StatementBody(BaseModel):
    """回答中的一句，与它的引用编号。"""

    text: str = Field(description="原文的句子")
    citations: list[int] = Field(description="引用的编号")
    kind: Literal["quote", "frame", "gap"] = Field(
        "quote", description="quote 原文；frame 不含事实的连接语；gap 说明资料没有写的部分"
    )


class CorrectionBody(BaseModel):
    """问题里按资料的写法理解的一处，start、end 指向原来的问题。"""

    start: int
    end: int
    written: str = Field(description="原来的写法")
    understood: str = Field(description="理解成的写法")


class UnderstoodBody(BaseModel):
    """问题是怎样被理解的。"""

    notice: str = Field(description="给提问者看的一句话，如“已按“云栖小镇”理解”；没有改动时为空")
    spelling: list[CorrectionBody] = Field(description="改动之处，从左到右")
    intent: str = Field(description="问的是哪一类：fact、list、how、why、summary、comparison 等")


class AskBody(BaseModel):
    """回答。status 为 no_answer 时没有引用，passages 是最接近的段落。"""

    question: str = Field(description="问题")
    resolved_question: str = Field(description="按资料的写法理解、结合上文补全后的问题")
    understood: UnderstoodBody
    status: Literal["answered", "no_answer"] = Field(description="是否有回答")
    answer: str = Field(description="回答，句末带引用编号")
    statements: list[StatementBody] = Field(description="逐句的回答")
    disagreement: bool = Field(description="来源之间说法是否不一；不一时各说法都在回答里")
    unanswered: list[str] = Field(description="比较的问题里没有找到依据的一方的名称（折叠后）；回答只说其余各方")
    gaps: list[str] = Field([], description="问题里资料没有写到的部分（折叠后）；回答只说其余部分")
    citations: list[CitationBody] = Field(description="回答中的引用")
    passages: list[ResultBody] = Field(description="检索到的段落")
    relevance: float = Field(description=_RELEVANCE)
    generated_by: str = Field(description="extractive：由原文句子组成；否则是措辞的模型，每句都已核对出处")
    generation: int = Field(description=GENERATION)
    timing_ms: dict[str, float] = Field(description=_TIMING)
    degraded: list[str] = Field(description=_DEGRADED)


class EncoderBody(BaseModel):
    """编码器。"""

    name: str
    dimension: int = Field(description="向量的维数")
    fingerprint: str = Field(description="决定向量的文件的 SHA-256")


class LexiconStateBody(BaseModel):
    """词典的状态。"""

    version: str = Field(description="自带与用户词典合并后的版本")
    holds: bool = Field(description="提问是否已经用着它")
    stale_passages: int = Field(description="还要重新切分的段落数")


class OriginalsBody(BaseModel):
    """保存的原文件；内容相同的只存一份。"""

    files: int = Field(description="多少个文件")
    bytes: int = Field(description="共多少字节")


class StatsBody(BaseModel):
    """索引的统计。"""

    documents: int = Field(description="文档数")
    passages: int = Field(description="段落数")
    waiting_passages: int = Field(0, description="还没有算出向量的段落数；它们暂时只按词面检索")
    generation: int = Field(description=GENERATION)
    encoder: EncoderBody
    facets: dict[str, dict[str, int]] = Field(
        description="按 kind、district、origin、year 的文档数；year 是文档最新来源的年份"
    )
    lexicon: LexiconStateBody
    originals: OriginalsBody


class TokenBody(BaseModel):
    """一个词，start、end 指向原文。"""

    text: str = Field(description="折叠后的词")
    start: int
    end: int


class NumberBody(BaseModel):
    """一个数量，start、end 指向原文。"""

    value: str = Field(description="十进制的值，如 1000000")
    unit: str = Field(description="折叠后的单位，没有则为空")
    start: int
    end: int


class LexiconWordBody(TokenBody):
    """词典里的一个词。"""

    origin: Literal["bundled", "user"] = Field(description="自带的或用户添加的")


class OtherWordingBody(BaseModel):
    """另一种说法。"""

    text: str
    origin: Literal["bundled", "user"] = Field(description="这一组是自带的还是用户添加的")


class WordingBody(TokenBody):
    """问题里的一种说法和可以代替它的说法。"""

    used: bool = Field(description="是否用来放宽检索；只是提问用语的不用")
    others: list[OtherWordingBody]


class AnalyzeBody(BaseModel):
    """文字被折叠和切词后的样子，以及词典在其中认出了什么。"""

    text: str = Field(description="原文")
    folded: str = Field(description="折叠后的文字")
    words: list[TokenBody]
    grams: list[str] = Field(description="一元和二元字组")
    numbers: list[NumberBody] = Field(description="文中的数量")
    lexicon: list[LexiconWordBody] = Field(description="切出的词里来自词典的")
    wordings: list[WordingBody] = Field(description="同义说法；已知名称里的不算")
    sought: list[str] = Field(description="作为问题，它要的是哪类答案，如 area、money、day；不限时为空")
    lexicon_version: str = Field(description="所用词典的版本")
    generation: int = Field(description=GENERATION)


class HealthBody(BaseModel):
    """状态。"""

    status: str = Field(description="ok 或 ready")


class FieldProblem(BaseModel):
    """一个无效的字段。"""

    pointer: str = Field(description="JSON 指针")
    detail: str = Field(description="怎样才有效")


class ProblemBody(BaseModel):
    """RFC 9457 错误。"""

    type: str = Field(description="错误种类的 URN")
    title: str = Field(description="错误种类的中文名")
    status: int = Field(description="HTTP 状态码")
    detail: str = Field(description="这一次出了什么问题、怎么办")
    instance: str = Field(description="请求的路径")
    code: str = Field(description="给程序用的稳定代码")
    request_id: str = Field(description="与 X-Request-Id 相同")
    errors: list[FieldProblem] | None = Field(None, description="逐个字段的问题")
