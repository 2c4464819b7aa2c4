"""The register's options: code and name of each (domain document, 'The national student register')."""

from collections.abc import Mapping

SEX = {"1": "男", "2": "女"}
LEFT_BEHIND = {"0": "非留守儿童", "1": "单亲留守儿童", "2": "双亲留守儿童"}
IDENTITY_TYPE = {
    "1": "居民身份证", "6": "香港特区护照/身份证明", "7": "澳门特区护照/身份证明",
    "8": "台湾居民来往大陆通行证", "9": "境外永久居住证", "A": "护照", "Z": "其他",
}  # fmt: skip
HEALTH = {"10": "健康或良好", "20": "一般或较弱", "30": "有慢性病", "40": "有生理缺陷", "50": "残疾"}
HOUSEHOLD = {"1": "农业户口", "2": "非农业户口"}
BOARDING = {"1": "走读", "2": "住校"}
YES_NO = {"1": "是", "0": "否"}
RELATION = {
    "51": "父亲", "52": "母亲", "61": "祖父", "62": "祖母", "63": "外祖父", "64": "外祖母",
    "97": "其他亲属", "99": "非亲属",
}  # fmt: skip
MOTHER, FATHER = "52", "51"
RESIDENT_CARD = "1"


def code_of(text: str, options: Mapping[str, str]) -> str | None:
    """The code that a cell means, written as code, name or both ('2-双亲留守儿童'); None for neither.

    A code and a name that disagree mean nothing.
    """
    by_name = {name: code for code, name in options.items()}
    if text in by_name:
        return by_name[text]
    upper = text.upper()
    if upper in options:
        return upper
    # A number cell of '51' may read 51.0, and of '0' may come with leading zeros.
    for code, name in options.items():
        rest = upper.removeprefix(code).lstrip(" -—_:：、.．")
        if upper.startswith(code) and rest == name.upper():
            return code
    return None
