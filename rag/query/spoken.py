"""Spoken questions: hesitations, greetings and preambles are left out of what is searched, clauses are told apart.

The text keeps its length, blanks stand where something was left out, so that offsets stay what they were.
"""

import re
from typing import Final

_LEAD: Final = r"(?:(?<=^)|(?<=[\s，,。.！!？?；;、…]))"  # where a clause begins
_HESITATION: Final = re.compile(
    r"[嗯呃](?:[\s，,、…]*[嗯呃啊])*[\s，,、…]*"
    r"|(?P<word>那个|这个|就是|然后)(?:[\s，,、…]+(?P=word))+[\s，,、…]*"
    rf"|{_LEAD}(?:额|哎|诶|欸|喂)[\s，,、…]+"
)
_ASK: Final = r"(?:问|请教|咨询|了解|打听|知道)(?:一?下子?|个事|问)?"
_PREAMBLE: Final = re.compile(
    rf"{_LEAD}(?:(?:你好|您好|大家好|打扰(?:一下|了)?|不好意思|麻烦(?:你|您)?(?:了|一下)?)[啊呀哈]?[\s，,。.！!~]*)+"
    rf"|{_LEAD}(?:我|俺|我们)?(?:就|也)?(?:想|要){_ASK}(?![的过])[\s，,：:]*"
    r"|请问(?:一?下)?[\s，,：:]*"
    rf"|{_LEAD}(?:能不能|可以|可不可以|麻烦|请)?(?:(?:帮(?:我|忙)|给我)[查看](?:一下|下|[查看])?|[查看]一下)[\s，,：:]*"
    rf"|{_LEAD}(?:谁|有没有人|有人)(?:知道|晓得|了解)[\s，,：:]*"
)
_CLOSING: Final = re.compile(
    r"(?:(?<=[\s，,。.！!？?~])(?:谢谢(?:你|您|啦|了)?|多谢|感谢|拜托了?|急+|在线等|麻烦(?:你|您)?了)[\s，,。.！!~]*)+$"
)
_CLAUSES: Final = re.compile(  # a blank in place of a mark, behind words that ask
    r"(?<=[\u3400-\u9fff])(?<=吗|呢|哪|里|儿|少|么|样|大|高|远|久|个|家|亩|谁|啥) (?=[\u3400-\u9fff])"
)
_ASKS: Final = re.compile(
    r"吗$|呢$|哪[里儿个些家]?$|多(?:少|大|高|远|久)[个家亩人]?$|几[个家亩]?$|什么$|怎么样$|谁$|啥$|有没有$"
)


def plain_question(text: str) -> str:
    """What a question asks, the rest of it blank; one that says nothing else is left as it is.

    text     a question as it was spoken or typed
    returns  as many characters
    """
    plain = _CLOSING.sub(_blank, text)
    for left_out in (_HESITATION, _PREAMBLE):
        plain = left_out.sub(_blank, plain)
    plain = _CLAUSES.sub(lambda found: "？" if _ASKS.search(plain, 0, found.start()) else found[0], plain)
    return plain if any(map(str.isalnum, plain)) else text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
