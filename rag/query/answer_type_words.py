"""Kinds of answer: what a question wants, and what a sentence holds."""

import re
from typing import Final, Literal, get_args

AnswerCue = Literal["number", "time", "place", "who", "list", "definition", "reason"]
ANSWER_CUES: Final[tuple[AnswerCue, ...]] = get_args(AnswerCue)

_WANTED: Final[dict[AnswerCue, re.Pattern[str]]] = {
    "number": re.compile(
        r"多少|几化|几多|几[个家名位人户亩栋座幢层期批次项条种类所处元万千百成]|多大|多长|多高|多宽|面积|占地|规模|人数"
        r"|数量|总数|产值|营收|税收|投资额|金额|比例|占比|百分之"
    ),
    "time": re.compile(
        r"什么时候|何时|哪年|哪一年|哪天|哪一天|哪个?月|几月|几号|几时|啥时候?|啥辰光|日期|时间|年份|多久"
    ),
    "place": re.compile(
        r"在哪|哪里|哪儿|哪个?[区镇街市省县路]|什么地方|啥地方|位置|地址|何处|坐落|东到|西到|南到|北到|东至|西至|南至|北至|边界|四至"
    ),
    "who": re.compile(
        r"谁|撒宁|啥[人宁]|责任人|哪家|哪些?部门|哪个?单位"
        r"|哪个?公司|什么公司|哪个?机构|哪些?企业|运营方|开发商|主体|牵头"
    ),
    "list": re.compile(r"哪些|哪几|分别|包括|有什么|哪[三四五六七八九十两]|几[类种项大]|都有"),
    "definition": re.compile(
        r"是个?(?:什么|啥|么子)(?:概念|东西|东东|单位|机构|组织)?[嘛呢呀啊？?。 ]*$|什么概念|怎么一?回事"
        r"|什么是|啥是|啥叫|什么叫|是什么意思|啥意思|指的?是?什么|指啥|怎么理解"
        r"|定义|含义"
    ),
    "reason": re.compile(r"为什么|为何|为啥|原因|怎么会|凭什么"),
}
_HELD: Final[dict[AnswerCue, re.Pattern[str]]] = {
    "number": re.compile(r"\d"),
    "time": re.compile(r"\d{4}年|\d{1,2}月|\d{1,2}日|年初|年底|年末|世纪|年代"),
    "place": re.compile(
        r"位于|地处|坐落|地址|位置|毗邻|相邻|靠近|[东西南北](?:到|至|起|临|抵|达)|在.{1,12}(?:区|镇|街道|路)"
    ),
    "who": re.compile(r"公司|集团|政府|委员会|管委会|办公室|部门|街道|局|协会|大学|研究院|企业"),
    "list": re.compile(r"、.*、|包括|分为|[“《].+[”》].*[“《].+[”》]"),
    "definition": re.compile(r"是指|指的?是|即|简称|又称|也叫|被?定义|^[^，。]{2,20}是"),
    "reason": re.compile(r"因为|由于|原因|为了|因此|所以|以便|从而|不足|缺"),
}
_NAMED: Final = (
    (re.compile(r"多大|(?:哪一?个|谁)(?:更|最|比较)?大"), "面积"),
    (re.compile(r"多长(?!时)"), "长度"),
    (re.compile(r"多高"), "高度"),
    (re.compile(r"[在于](?:哪里|哪儿|哪(?![一个些条家年天种类方几])|什么地方|啥地方|何处)"), "位于"),
)


def cues_wanted(question: str) -> frozenset[AnswerCue]:
    """What an answer to a folded question should hold."""
    return frozenset(want for want, pattern in _WANTED.items() if pattern.search(question))


def cues_held(sentence: str) -> frozenset[AnswerCue]:
    """What a folded sentence could answer."""
    return frozenset(want for want, pattern in _HELD.items() if pattern.search(sentence))


def naming_quantities(question: str) -> str:
    """A folded question with the quantity in place of the word that asks for it: 面积 for 多大."""
    for asked, name in _NAMED:
        question = asked.sub(name, question)
    return question
