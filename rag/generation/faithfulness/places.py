"""Places and authorities: names that nothing in their spelling gives away, so that they have to be listed.

A generated sentence may name one only where the passages do. Names that are also everyday words are left out.
"""

import re
from typing import Final

_HERE: Final = "杭州 浙江"
_ZHEJIANG: Final = (
    "宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 上城 拱墅 西湖 滨江 萧山 余杭 临平 钱塘 "
    "富阳 临安 桐庐 淳安 建德 海曙 镇海 北仑 鄞州 奉化 余姚 慈溪 象山 宁海 鹿城 龙湾 瓯海 "
    "乐清 瑞安 永嘉 平阳 苍南 秀洲 嘉善 海盐 海宁 平湖 桐乡 吴兴 南浔 德清 长兴 安吉 越城 "
    "柯桥 上虞 诸暨 嵊州 新昌 婺城 金东 兰溪 义乌 东阳 永康 武义 浦江 磐安 衢江 常山 定海 普陀 "
    "岱山 椒江 黄岩 温岭 临海 玉环 仙居 莲都 龙泉 青田 缙云 遂昌 松阳 景宁"
)
_ELSEWHERE: Final = (
    "北京 天津 上海 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 安徽 福建 江西 山东 河南 湖北 "
    "湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 石家庄 太原 "
    "沈阳 大连 长春 哈尔滨 南京 苏州 无锡 常州 南通 徐州 扬州 镇江 昆山 合肥 芜湖 福州 厦门 泉州 "
    "南昌 赣州 济南 青岛 烟台 郑州 洛阳 武汉 宜昌 襄阳 长沙 株洲 广州 深圳 东莞 佛山 珠海 惠州 "
    "南宁 桂林 柳州 三亚 成都 绵阳 贵阳 昆明 拉萨 西安 兰州 西宁 银川 乌鲁木齐 雄安 浦东 新加坡 "
    "日本 韩国 美国 德国 英国 法国"
)
_AUTHORITIES: Final = (
    "证监会 银保监会 金融监管总局 国务院 全国人大 最高法 财政部 商务部 工信部 科技部 住建部 教育部 "
    "人社部 交通部 农业农村部 自然资源部 生态环境部 水利部 国资委 市委 省委 区委 市政府 省政府 区政府"
)
_SAME: Final = {
    "发改委": ("发展改革委", "发展和改革委员会"),
    "国资委": ("国有资产监督管理委员会",),
    "工信部": ("工业和信息化部",),
    "住建部": ("住房和城乡建设部", "住房城乡建设部"),
    "人社部": ("人力资源和社会保障部", "人力资源社会保障部"),
    "证监会": ("证券监督管理委员会",),
    "国家发改委": ("国家发展改革委", "国家发展和改革委员会"),
    "市政府": ("市人民政府",),
    "省政府": ("省人民政府",),
    "区政府": ("区人民政府",),
}
_ELSEWHERE_NAMES: Final = frozenset(_ELSEWHERE.split())
_LISTED: Final = (*_HERE.split(), *_ZHEJIANG.split(), *_ELSEWHERE.split(), *_AUTHORITIES.split(), *_SAME)
_NAME: Final = re.compile("|".join(sorted({*_LISTED, *sum(_SAME.values(), ())}, key=len, reverse=True)))
_OFFICE: Final = re.compile("[\u3400-\u9fff]{2}(?:厅|(?<![布格结当全大僵定邮])局)")
_SHORT: Final = {long: short for short, longs in _SAME.items() for long in longs}


def foreign(stated: str, text: str) -> set[str]:
    """Places, authorities and offices that a folded statement names and the folded text does not.

    杭州 and 浙江 may be added to what is said of a place: it lies there, unless the text tells of elsewhere.
    """
    held = set(map(_short, _NAME.findall(text)))
    missing = {name for name in map(_short, _NAME.findall(stated)) if name not in held and name not in text}
    if not held & _ELSEWHERE_NAMES:
        missing -= set(_HERE.split())
    return missing | {office for office in _OFFICE.findall(stated) if office not in text}


def _short(name: str) -> str:
    return _SHORT.get(name, name)
