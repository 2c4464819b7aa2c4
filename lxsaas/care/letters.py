"""Letters to parents: a school's text with placeholders, filled for each child with its figures.

A placeholder stands in braces, in Chinese or English: {孩子姓名} or {child}.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_

TITLE_LENGTH = 100
BODY_LENGTH = 4000
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True)
class Placeholder:
    """What is filled in for a name in braces."""

    code: str
    word: str
    """The Chinese name, as it stands in letters."""
    meaning: str
    """Message id."""


PLACEHOLDERS: Sequence[Placeholder] = (
    Placeholder("child", "孩子姓名", N_("the child's name")),
    Placeholder("school", "学校", N_("the school's name")),
    Placeholder("class", "班级", N_("grade and class")),
    Placeholder("teacher", "班主任", N_("the homeroom teacher's name")),
    Placeholder("term", "学期", N_("the term")),
    Placeholder("today", "日期", N_("the day of printing")),
    Placeholder("talks", "谈心次数", N_("talks with the child in the term so far")),
    Placeholder("visits", "家访次数", N_("home visits in the term so far")),
    Placeholder("calls", "通话次数", N_("calls with the parents in the term so far, family phone included")),
    Placeholder("tutoring", "辅导次数", N_("tutoring in the term so far")),
    Placeholder("absences", "缺勤次数", N_("absences noted in the term so far")),
    Placeholder("late", "迟到次数", N_("times the child came late in the term so far")),
)
_CODES: Mapping[str, str] = {name: one.code for one in PLACEHOLDERS for name in (one.word, one.code)}


def check_text(text: str, *, field: str = "body") -> None:
    """Raises RuleError for a placeholder that there is none of, and for a brace that is not closed."""
    if len(text) > BODY_LENGTH:
        raise RuleError("letter_too_long", field=field, limit=BODY_LENGTH)
    unknown = sorted({name for name in _PLACEHOLDER.findall(text) if name.strip() not in _CODES})
    if unknown:
        raise RuleError("letter_placeholder", field=field, names=", ".join(f"{{{one}}}" for one in unknown))
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        raise RuleError("letter_brace", field=field)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced, by code; one without a value leaves a line to write on."""
    return _PLACEHOLDER.sub(lambda found: values.get(_CODES.get(found[1].strip(), ""), "______"), text)


@dataclass(frozen=True)
class StartingText:
    """A letter from which a school makes its own."""

    code: str
    title: str
    body: str


STARTING_TEXTS: Sequence[StartingText] = (
    StartingText(
        "term",
        "学期致家长的一封信",
        """尊敬的{孩子姓名}家长：

您好！您在外辛苦工作，最牵挂的一定是家里的孩子。现将{孩子姓名}在{学期}的情况向您汇报。

这个学期到目前为止，老师和孩子谈心{谈心次数}次，到家里走访{家访次数}次，孩子和您、老师和您通话{通话次数}次，课后辅导{辅导次数}次；孩子缺勤{缺勤次数}次，迟到{迟到次数}次。

孩子的成长离不开您的陪伴。人虽在外，心要在家，请您：
一、每周至少给孩子打一次电话或视频，多问问心情和生活，不只问分数；
二、每月至少和班主任联系一次；
三、工作地点、电话或者委托照护人有变化时，及时告诉学校；
四、提醒家里老人注意孩子的用水、用电、交通和防溺水安全。

有什么想对孩子、对老师说的话，请写在下面的回执上，让孩子带回学校，也可以直接打电话给我。

祝您工作顺利，平安健康！

{学校}{班级}班主任：{班主任}
{日期}

……………………………… 回执 ………………………………
我想对孩子和老师说：


家长签名：                联系电话：
""",
    ),
    StartingText(
        "new_year",
        "春节致返乡家长的一封信",
        """尊敬的{孩子姓名}家长：

您好！一年将尽，盼您平安回家。对孩子来说，您的陪伴就是最好的新年礼物。

春节在家的日子里，请您抽出时间：
一、陪孩子吃饭、聊天、走亲戚，听孩子讲讲学校里的事；
二、看看孩子的作业本和成绩，多鼓励，少责备；
三、和照看孩子的老人商量好这一年怎样照护孩子，再次外出前到学校或村里办好委托照护手续；
四、来学校参加家长会或家长学校，学校春节前后专门安排了时间，老师等着您；
五、燃放烟花爆竹、用火用电、外出乘车，时时注意安全。

{孩子姓名}在{学期}里，老师谈心{谈心次数}次、家访{家访次数}次。孩子的进步，请您当面夸一夸。

祝您全家新春快乐，团圆美满！

{学校}{班级}班主任：{班主任}
{日期}
""",
    ),
    StartingText(
        "start",
        "开学致外出务工家长的一封信",
        """尊敬的{孩子姓名}家长：

您好！新学期开始了，{孩子姓名}已经到校报到，请您放心。

本学期我担任{班级}班主任。为了把孩子照顾好，请您配合做好几件事：
一、把您现在的工作地点和常用电话告诉我，换了号码请马上通知；
二、外出前书面写明委托谁照看孩子，并告诉被委托人应当承担的责任；
三、约定每周和孩子通话的时间，学校亲情电话可以预约；
四、嘱咐孩子按时到校、按时回家，不到河塘边玩耍，不坐超员车和无牌车。

学校会每月和孩子谈心、到家里走访，每学期给您写信。孩子在学校有什么情况，我会及时和您联系。

祝您在外一切顺利！

{学校}{班级}班主任：{班主任}
{日期}
""",
    ),
)
