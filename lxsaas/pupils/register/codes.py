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
    "51": "父亲", "52": "母亲", "57": "继父或养父", "58": "继母或养母", "59": "其他父母关系",
    "60": "祖父母或外祖父母", "61": "祖父", "62": "祖母", "63": "外祖父", "64": "外祖母",
    "66": "曾祖父", "67": "曾祖母", "69": "其他祖父母或外祖父母关系",
    "70": "兄弟姐妹", "71": "兄", "72": "嫂", "73": "弟", "74": "弟媳", "75": "姐姐", "76": "姐夫",
    "77": "妹妹", "78": "妹夫", "79": "其他兄弟姐妹", "80": "其他",
    "81": "伯父", "82": "伯母", "83": "叔父", "84": "婶母", "85": "舅父", "86": "舅母", "87": "姨父",
    "88": "姨母", "89": "姑父", "90": "姑母", "91": "堂兄弟、堂姐妹", "92": "表兄弟、表姐妹",
    "97": "其他亲属", "99": "非亲属",
}  # fmt: skip
"""GB/T 4761-2008, as far as it names who may look after a child."""
_COMMON = {"51", "52", "61", "62", "63", "64", "97", "99"}
UNCOMMON = {code: name for code, name in RELATION.items() if code not in _COMMON}
"""Relations that pages do not translate: their names are kept as the note, where the sheet has none."""
PARENTS = {"51": "father", "52": "mother", "57": "father", "58": "mother"}
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
