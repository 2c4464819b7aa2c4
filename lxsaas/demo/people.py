"""Invented names, numbers and places; identity numbers begin with 99, which no province has."""

from datetime import date
from random import Random

from stdnum.iso7064 import mod_11_2

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_BOYS = "浩然 子轩 宇航 俊杰 文博 明轩 天佑 志强 家豪 梓睿 一鸣 思远 晨阳 嘉伟 鹏飞 建国 小军 立诚 锦程 博文"
_GIRLS = "梓涵 欣怡 雨桐 诗涵 佳怡 思琪 雅婷 梦洁 若曦 可馨 晓燕 秋月 春兰 丽娜 静怡 语嫣 婉清 紫萱 子墨 月"
_ADULTS = "强 伟 军 勇 磊 敏 静 丽 艳 芳 建华 秀英 玉兰 桂英 志明 国庆 海燕 春梅 洪波 晓东"
PLACES = (
    "广东省深圳市 广东省东莞市 浙江省宁波市 浙江省义乌市 江苏省苏州市 "
    "福建省泉州市 上海市松江区 山东省青岛市 重庆市渝北区 四川省成都市"
)
TOWNSHIPS = ("城关镇", "平坝乡", "龙溪镇", "石桥乡", "青山镇", "沙河乡")
SCHOOLS = (
    ("qiaotou", "桥头小学"),
    ("longquan", "龙泉小学"),
    ("xinhe", "新河中心小学"),
    ("baiyun", "白云小学"),
    ("shuangfeng", "双峰九年一贯制学校"),
    ("hongqi", "红旗小学"),
    ("dongling", "东岭小学"),
    ("liulin", "柳林小学"),
    ("xiping", "西坪小学"),
    ("taoyuan", "桃源小学"),
    ("nanshan", "南山小学"),
    ("yunxi", "云溪九年一贯制学校"),
)


def child_name(random: Random, sex: str) -> str:
    given = random.choice((_BOYS if sex == "male" else _GIRLS).split())
    return random.choice(_SURNAMES) + given


def adult_name(random: Random, surname: str | None = None) -> str:
    return (surname or random.choice(_SURNAMES)) + random.choice(_ADULTS.split())


def place(random: Random) -> str:
    """Where somebody works away from home."""
    return random.choice(PLACES.split())


def identity_number(random: Random, born_on: date, sex: str) -> str:
    """Eighteen characters with a valid check digit (GB 11643); the province 99 does not exist."""
    order = random.randrange(0, 500) * 2 + (1 if sex == "male" else 0)
    body = f"99{random.randrange(10_000):04d}{born_on:%Y%m%d}{order:03d}"
    return str(body + mod_11_2.calc_check_digit(body))


def telephone(random: Random) -> str:
    """A number in a block that is not given to subscribers."""
    return f"1990000{random.randrange(10_000):04d}"


def school_name(index: int) -> tuple[str, str]:
    """Slug and name of the school at `index`; beyond the named ones they are numbered."""
    if index < len(SCHOOLS):
        return SCHOOLS[index]
    return f"school-{index + 1}", f"第{index + 1}小学"
