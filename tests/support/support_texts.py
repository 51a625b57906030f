"""Texts for properties: arbitrary Unicode, text full of marks, and Markdown full of mark-up."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MARKS = [
    *"。！？；…，、：“”‘’（）《》「」【】!?;.,\"'()[]{}<>`*_#|~-+=\\&@%^/ \t\n",
    *[
        "\n\n",
        "……",
        "。”",
        "80.1",
        "12,345",
        "1. ",
        "（一）",
        "①",
        "https://a.cn/x?y=1;z",
        "Co., Ltd. ",
        "[1]",
        "\u3000",
    ],
    *["\r\n", "\u2028", "\x00", "\x1b", "\u202e", "\ufeff", "\u200b", "\u200d", "\U000e0041", "\x85"],
    *["e\u0301", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e8\U0001f1f3", "\U0001f44d\U0001f3fd", "𠮷"],
    *["产业社区", "占地", "亩", "杭州", "linkpark", "a", "7", "字" * 130, "x" * 450, "\u0301" * 450],
]
MARK_UP = [
    *[
        "# ",
        "## ",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "```\n",
        "~~~\n",
        "---\n",
        "+++\n",
        "| a | b |\n|---|---|\n",
        "| 1 | 2 |\n",
    ],
    *[
        "[^a]",
        "[^≠面积]",
        "[^a]: 标题 https://a.cn/x\n",
        "[字](http://a.cn)",
        "![图](x.png)",
        "**",
        "`",
        "<br>",
        "<b>",
        "</b>",
    ],
    *[
        "<div>",
        "</div>\n\n",
        "<!-- x -->",
        "\\\n",
        "&#8238;",
        "&nbsp;",
        "&lt;",
        "\n    ",
        "[x]: /y\n",
        "title: 名\n",
        'id = "x"\n',
    ],
]

anything = st.text()  # every code point except surrogates
prose = st.lists(st.one_of(st.sampled_from(MARKS), st.text(max_size=5)), max_size=60).map("".join)
markdown = st.lists(st.one_of(st.sampled_from(MARK_UP + MARKS), st.text(max_size=5)), max_size=60).map("".join)
texts = st.one_of(anything, prose, markdown)

CLUSTERS = ["字", "a", "e\u0301", "👍🏽", "👨\u200d👩\u200d👧", "🇨🇳", "❤\ufe0f", "한", "각", "葛\U000e0100", "ｶﾞ", "नि"]
