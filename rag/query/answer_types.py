"""What kind of answer a question seeks, told by the words that ask: an area, a sum of money, a day, names.

A passage on the right entity that gives another kind of answer is what an asker is most easily misled by: the
whole investment where the rent was asked for, how many villages where their names were. Each kind here is a pair of
patterns, one for questions and one for the clause that gives such an answer. All texts are folded, so that
numbers are digits; a question that asks for none of the kinds seeks nothing in particular.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

_NUMBER: Final = r"(?:\d[\d.,]*|[数近上]?[十百千万亿])"
_MORE: Final = r"(?:余|多|来|万|亿|千|百)*"
_MANY: Final = r"(?<![哪第])(?:多少|几)(?:万|亿|百|千)?"
_DEFINITION: Final = "definition"
_SURNAME: Final = (
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
)
_OFFICE: Final = (
    "书记|主任|院长|董事长|总经理|经理|教授|创始人|法人|法定代表人|局长|区长|校长|所长|会长|秘书长|学者|作者|记者|老师|博士"
    "|研究员|分析师|设计师|负责人|联系人|领导|老板|员工"
)


class AnswerType(NamedTuple):
    """A kind of answer.

    name      as `/v1/analyze` tells it
    asked     matches questions that seek it
    given     matches what gives it
    sentence  whether only a whole sentence can give it; else a clause does
    """

    name: str
    asked: re.Pattern[str]
    given: re.Pattern[str]
    sentence: bool = False


def _kind(name: str, asked: str, given: str) -> AnswerType:
    return AnswerType(name, re.compile(asked), re.compile(given))


def _measured(name: str, asked: str, units: str) -> AnswerType:
    """A number of one of these units."""
    return _kind(name, asked, f"{_NUMBER}{_MORE}(?:{units})")


_KINDS: Final = (
    _measured(
        "area",
        rf"{_MANY}(?:亩|公顷|平)|多大(?!一[块部]|范围)|(?:哪一?个|谁)(?:更|最|比较)?大|面积|占地|地盘",
        "亩|公顷|平方公里|平方米",
    ),
    _measured("length", rf"{_MANY}(?:公里|千米|米)|多长(?!时)|全长|长度|多[高宽远]|高度|层高", "公里|米"),
    _measured("weight", rf"{_MANY}吨|承重|载重", "吨|公斤|千克"),
    _kind(
        "money",
        r"(?:投资|投了|投入|产值|营收|营业收入|营业额|资金|补贴|补助|花|税|罚|奖励|经费|贷款|额度?|费用?)(?![^,，。?？]{0,5}(?:占|比例|增|百分))[^,，。?？]{0,5}"
        r"(?<!第)(?:多少|几)(?![家个项人倍层期年批])|租金|房租|月租|造价|学费|票价|门票|奖金|年薪|月薪|工资|物业费|收费"
        r"|什么价|价格|租多少|多少(?:钱|元|块|订单|税)|(?<!第)(?:几|多少)个?亿",
        rf"{_NUMBER}{_MORE}(?:美?元|块)|免费",
    ),
    _kind(
        "share",
        r"占比|百分之几|百分比|几成|增速|空置率|出租率|比例|(?:增长|上涨|涨|提高|降低|下降|(?<!多)少了?)[^,，]{0,3}(?:多少|几|百分)"
        r"|占了?多少(?![亩公平])|股份|多少股",
        r"\d%|百分之|\d成|一半|过半|近半|\d倍",
    ),
    _kind(
        "duration",
        r"多少(?:年|小时|分钟|天)|(?<![近这前哪第])几年(?![级前后来])|多久|多长时间|几个?(?:小时|月|分钟|天)",
        r"\d[余多]?(?:个月|分钟|小时|天|周)|(?<!\d)\d{1,3}[余多]?年(?!\d| ?\d*月)",
    ),
    _kind(
        "people",
        rf"{_MANY}(?:名|位|户|人(?!才公寓)|员工|职工|人口|人才|学生|居民|研究员|工人|党员|游客|骑手|白领|教师|业主)|人数",
        rf"{_NUMBER}{_MORE}[人名位户]|(?:居民|人口|员工|职工|白领|人才|党员|学生)[^,，。]{{0,4}}\d",
    ),
    _kind(
        "firms",
        rf"{_MANY}家|多少(?:上市)?(?:企业|公司|单位|商户|机构|工厂|店)",
        rf"{_NUMBER}{_MORE}[家个]|(?:企业|公司)[^,，。]{{0,4}}\d",
    ),
    _kind("ordinal", "第几", r"第\d|前\d|首|前[三五十百]"),
    _kind("day", r"哪一?天|几月几|(?<!第)几[号日](?![楼线车地])|哪日", r"\d日|\d月\d"),
    _kind(
        "date",
        r"什么时候|何时|哪一?年|哪个?月|几时|啥时候?|啥辰光|日期|年份|(?:哪个|谁)[^,，]{0,3}[早晚]",
        r"\d{4}年|\d月|\d日|年初|年底|年末|世纪|年代|(?:19|20)\d\d[-/.]\d",
    ),
    _kind("clock", "几点|营业时间|开放时间", r"\d[:点时](?!间)|24小时"),
    _kind("address", "地址|哪条[路街]|门牌|几号楼|什么路(?!子)|办公室在", r"[路街巷弄楼]|大道|大厦|\d号"),
    _kind("phone", "电话|联系方式|热线|号码", r"\d{7,}|\d{3,4}-\d{6,8}"),
    _kind("line", "几路车|哪几路|几号线|哪条线", r"\d(?:路|号线)"),
    _kind(
        "procedure",
        r"(?:怎么|如何|怎样|咋)(?:申请|申报|办理?|报名|入驻|落户|报销|领|租|买|预约|参加)"
        r"|(?:申请|申报|入驻|办理|准入|招聘)的?(?:条件|流程|材料|手续|要求|标准)|什么(?:条件|手续|流程)",
        r"申请|申报|办理|条件|须|应当|可[以向在凭享]|可通过|流程|报名|不低于|不超过|准入|要求|标准",
    ),
    _kind(
        "person",
        rf"(?:{_OFFICE})[^,，]{{0,3}}(?:是谁|叫|姓|是?哪位)|哪位(?:学者|领导|专家)|姓名",
        rf"(?:{_OFFICE}){_SURNAME}[\u4e00-\u9fff]{{1,2}}"
        rf"|(?:^|[，。、：；（“(, ]){_SURNAME}[\u4e00-\u9fff]{{1,2}}(?:等|认为|说|的|是|表示|指出|介绍|、|，|,|$)",
    ),
)
_POLITELY: Final = r"(?:你好|请问一?下?|我?想?知道|解释一?下)*"
_TERM: Final = re.compile(
    r"(?:什么是|啥是|(?:什么|啥)叫做?)(?P<after>[^,。?!、]{1,16}?)[呢呀啊嘛]*[。?!]*$"
    rf"|(?:^|[,。?!:]){_POLITELY}(?P<before>[^,。?!、]{{1,16}}?)(?:这个词|这个概念)?(?:到底|究竟)?是?个?(?:什么|啥)(?:意思|概念)"
    rf"|^{_POLITELY}(?P<short>[^,。?!、的]{{2,5}}?)(?:到底|究竟)?是个?(?:什么|啥)(?:东西|东东)?[呢呀啊嘛]*[。?!]*$"
)
_MARKS: Final = '[“”"《》「」]?'  # may stand within or around a term
_COUNTER: Final = re.compile(rf"{_MANY}([个项栋座幢层期批次条种类所处套张间片倍])(?!亿)")
_COUNTED_TOO: Final = {"个": "个项大", "项": "项个大", "所": "所个家"}  # what may count the same things
_SOME_NUMBER: Final = _kind("number", "多少|(?<![近这前])几[^乎何]|(?:哪个|谁)[^,，]{0,3}多", r"\d")
_NAMES: Final = AnswerType(
    "names",
    re.compile(
        r"分别(?:是|叫|指|有|在)?(?:什么|哪|谁|几路)|(?<!首)都?叫[什啥]么?|都有谁|名单|各[指是]"
        r"|[是指]?哪[两三四五六七八九十\d]+[个家所条位座项大谷区方]?|哪[几些](?:家|个|公司|企业|单位|人)"
        r"|另外.{0,4}[个家位]|除了?.{1,12}(?:还有|以外|之外)"
    ),
    re.compile(r"、|包括|分为|分别|有.+[和与]|[“\"《].+[”\"》]"),
    sentence=True,
)


def answer_types_of(question: str) -> tuple[AnswerType, ...]:
    """The kinds of answer that a folded question seeks; none where any kind will do.

    Names, or any number, are sought only where nothing more particular is.
    """
    kinds = [kind for kind in _KINDS if kind.asked.search(question)]
    if term := _TERM.search(question):
        kinds.append(_defined(term["after"] or term["before"] or term["short"]))
    if counter := _COUNTER.search(question):
        kinds.append(_counted(counter[1]))
    for further in (_SOME_NUMBER, _NAMES):
        if not kinds and further.asked.search(question):
            kinds.append(further)
    return tuple(kinds)


@lru_cache(maxsize=64)
def _counted(counter: str) -> AnswerType:
    return _measured("count", counter, f"[{_COUNTED_TOO.get(counter, counter)}]")


def asks_for_a_term(answer_types: Sequence[AnswerType]) -> bool:
    """Whether one of these kinds is what a term means, for which no other term can stand in."""
    return any(kind.name == _DEFINITION for kind in answer_types)


@lru_cache(maxsize=64)
def _defined(term: str) -> AnswerType:
    """A sentence that says what the term is: «“标准地”(试行)是指…»."""
    written = _MARKS.join(map(re.escape, term))
    given = rf"{written}{_MARKS}(?:\([^()]*\)|\))?,?(?:一般|通常|主要)?(?:又?称|也叫|简称|即|指|是)"
    return AnswerType(_DEFINITION, re.compile(re.escape(term)), re.compile(given), sentence=True)
