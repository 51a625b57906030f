"""Labels: texts that name an attribute, such as 占地面积, 联系电话 or 单价（元）, rather than a thing or a value."""

import re
from functools import lru_cache

_WORD = re.compile(r"\S+")
_WHOLE = frozenset(
    _WORD.findall(
        "项目 指标 内容 事项 名称 名录 姓名 企业 公司 园区 区 区县 县区 街道 社区 镇街 乡镇 村 "
        "城市 省份 市 地区 区域 片区 楼栋 楼宇 楼号 楼层 层 房号 房间 户型 部门 处室 科室 岗位 "
        "职务 职位 职称 学历 专业 性别 年龄 年 月 日 年份 年度 月份 季度 时间 日期 序号 编号 "
        "代码 行次 栏次 类别 类型 种类 分类 等级 级别 层级 档次 标准 要求 条件 材料 流程 步骤 "
        "环节 方式 依据 备注 说明 单位 数量 合计 小计 总计 车型 车辆 会议室 场地 设备 产品 服务 "
        "样品 品牌 型号 规格 工种 活动 课程 班级 学校 医院 景点 线路 站点 车站 公交 地铁 政策 "
        "文号 文件 法人 业主 客户 供应商 联系人 电话 手机 传真 邮箱 邮编 地址 网址 简介 概况 用途 "
        "职责 任务 目标 措施 进度 状态 结果 情况 问题 答案 答复 问 答 租金 押金 价格 单价 金额 "
        "总价 面积 营收 税收 产值 收入 利润 支出 投资 人口 比例 占比 增长 同比 环比 排名 得分 "
        "评分 权重 姓氏 民族 籍贯 值 数值 参数 属性 字段 栏目 主题 标题 正文 作者 方案 阶段 期数 "
        "批次 组别 奖项 名额 人数 补贴 奖励 赛道 产业 行业 领域 品类 功能 业态 位置 方位 路段 "
        "起点 终点 里程 开户行 账号 账户 税号 户名 申请企业 入驻企业 承租企业 "
    )
)
_ENDS = tuple(
    _WORD.findall(
        "名称 姓名 单位 地址 住址 电话 手机 热线 传真 邮箱 邮编 网址 网站 联系人 负责人 法人 "
        "代表人 代理人 申请人 经办人 审核人 面积 投资 投资额 金额 总额 余额 价格 单价 总价 均价 "
        "报价 费用 标准 时间 日期 期限 年限 时限 工期 学制 年份 年度 数量 人数 户数 家数 个数 "
        "次数 总数 件数 台数 比例 占比 比重 类型 类别 种类 性质 级别 等级 规模 用途 内容 概况 "
        "简介 说明 备注 要求 条件 材料 流程 方式 方法 依据 部门 机构 职务 职称 学历 专业 性别 "
        "年龄 编号 序号 代码 号码 账号 证号 文号 型号 规格 状态 进度 结果 情况 范围 对象 产值 "
        "营收 收入 税收 利润 支出 资产 成本 租金 押金 价款 补贴 奖励 津贴 工资 月薪 年薪 行业 "
        "领域 区域 位置 地点 楼层 楼栋 房号 户型 容积率 绿化率 密度 开发商 业主 运营方 建设方 "
        "出租方 承租方 甲方 乙方 费率 税率 增速 增幅 含量 浓度 温度 高度 长度 宽度 重量 容量 功率 "
        "意见 事项 目标 任务 措施 原因 主题 名额 上限 下限 车位 床位 清单 名单 明细 资本 理由 "
    )
)
_LETTERS = tuple("率费数额量期型名价值比款址号度重速距")  # that end a name of two letters or more without digits
_ENGLISH = frozenset(
    _WORD.findall(
        "id no name title text type kind class category date time year month day city district address phone tel "
        "email url link age sex gender price cost amount total sum unit count number quantity size area rent status "
        "state level rank score value description note notes remark remarks company department position code author"
    )
)
_IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_NO_LABEL = re.compile(r"[，。；！？,;!?]|^\d+$")
_BRACKETS_BEHIND = re.compile(r"[（(［\[【][^（()）［\]］【】]*[）)］\]】]$")
_LONGEST = 16  # code points
_LONGEST_COLONED = 12


@lru_cache(maxsize=50_000)
def is_label(text: str) -> bool:
    """Whether a cell names an attribute (占地面积, 联系电话, 单价（元）), rather than a thing or a value."""
    bare = bare_label(text)
    if not bare or len(bare) > _LONGEST or _NO_LABEL.search(bare):
        return False
    if bare.isascii():
        return bare.lower() in _ENGLISH or _IDENTIFIER.fullmatch(bare) is not None
    if bare in _WHOLE or bare.endswith(_ENDS) or (text[-1] in ":：" and len(bare) <= _LONGEST_COLONED):
        return True
    return len(bare) > 1 and bare.endswith(_LETTERS) and not any(map(str.isdigit, bare))


def is_plain_label(text: str) -> bool:
    """Whether a cell is nothing but the name of an attribute: 标准, 数值, 金额."""
    return bare_label(text) in _WHOLE


def bare_label(text: str) -> str:
    """A name without blanks within, brackets behind, and a closing colon: «面  积（亩）：» is 面积."""
    short = re.sub(r"\s+", "", text) if len(text) < 80 else text
    return _BRACKETS_BEHIND.sub("", short.rstrip(":：")).rstrip(":：").lstrip("*＊※")
