"""Finding Chinese names by pinyin: initials and full spelling."""


def searchable(name: str) -> str:
    """Initials and full pinyin of a name, lower case: '平坝小学' gives 'pbxx pingbaxiaoxue'.

    Letters and digits stay as they are; a character with several readings takes its most usual one.
    """
    # Its phrases take a third of a second to load: what names nobody goes without them.
    from pypinyin import Style, lazy_pinyin

    initials = "".join(part[:1] for part in lazy_pinyin(name, style=Style.NORMAL))
    return f"{initials} {''.join(lazy_pinyin(name, style=Style.NORMAL))}".lower()


def escaped_like(text: str) -> str:
    """`text` as a part of a LIKE pattern in which nothing is a wildcard."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
