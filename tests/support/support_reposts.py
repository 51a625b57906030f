"""A made-up article, to be posted again and again."""

from corpus.document import Document
from corpus.reading import read

NEWS = (
    "云台产业社区位于西溪区云台街道，占地80.1亩，总建筑面积12万平方米，由云台集团投资建设。"
    "云台产业社区已有120家企业入驻，主要从事智能装备和生命健康两个方向的研发。"
    "云台产业社区设有邻里中心、人才公寓和共享食堂，周边居民也可以使用。\n\n"
    "云台产业社区的运营团队每月为企业办一次供需对接会，帮助企业在园区里找到上下游。"
    "云台产业社区的党群服务站每周三下午开放，提供政策咨询和证照代办。"
)
QUESTION = "云台产业社区占地多少亩"


def post(document_id: str, text: str, **fields: str) -> Document:
    header = "".join(f"{name}: {value}\n" for name, value in fields.items())
    raw = f"---\ntitle: 云台产业社区开园\n{header}---\n\n{text}"
    return read(raw.encode(), document_id, media_type="text/markdown").documents[0]
