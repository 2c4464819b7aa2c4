"""From kept figures to words: sections with their figures filled in, what is missing, the appendix. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_
from lxsaas.summaries.definitions import BODY_LENGTH, BY_WORD, FIGURES, SECTIONS
from lxsaas.summaries.figures import Kept

Translate = Callable[[str], str]
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
MISSING = N_("【missing: %(what)s】")
SAID_MISSING = re.compile(r"【(?:缺：|missing: )([^】]*)】")
"""What stands for something missing, also where somebody wrote it by hand."""
NOTHING_DUE = N_("nothing to be counted")
NOT_COMPARABLE = N_("no comparison with the year before")
NONE = N_("none")
HIGHER, LOWER = N_("%(points)s points above the year before"), N_("%(points)s points below the year before")
SAME = N_("as in the year before")
PART = N_("%(label)s %(number)s")
COMMA = N_(", ")
PART_OF = N_("%(name)s: %(part)s")
RATE = N_("%(rate)s (%(done)s/%(due)s)")
AS_ABOVE = N_("as above")
DEFINED = N_("%(meaning)s (definition version %(version)s)")


@cache
def starting_words(language: str) -> Mapping[str, str]:
    """The words with which every section starts, by its code, with the codes of figures in braces."""
    text = (files("lxsaas.summaries") / "starting" / f"{language}.txt").read_text(encoding="utf-8")
    found = {}
    for block in text.split("== ")[1:]:
        code, _, body = block.partition("\n")
        found[code.strip()] = with_codes(body)
    return {code: found.get(code, "") for code in SECTIONS}


def with_codes(text: str) -> str:
    """A text as typed, with each figure by its code; raises RuleError for what is no figure's name."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > BODY_LENGTH:
        raise RuleError("summary_long", field="body", limit=BODY_LENGTH)
    names = [name.strip() for name in PLACEHOLDER.findall(text)]
    unknown = sorted({name for name in names if name not in BY_WORD})
    if unknown:
        raise RuleError("summary_figure", field="body", names=", ".join(f"{{{one}}}" for one in unknown))
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise RuleError("summary_brace", field="body")
    return PLACEHOLDER.sub(lambda found: f"{{{BY_WORD[found[1].strip()].code}}}", text)


def with_words(body: str, language: str) -> str:
    """A text to be edited: each figure by its Chinese name, or in English by its code."""
    if language != "zh":
        return body
    return PLACEHOLDER.sub(lambda found: f"{{{_word(found[1])}}}", body)


def _word(code: str) -> str:
    return FIGURES[code].word if code in FIGURES else code


def lines_of(body: str, figures: Mapping[str, Kept], translate: Translate) -> list[str]:
    """The paragraphs of a section with its figures filled in; none is empty."""
    filled = PLACEHOLDER.sub(lambda found: told(figures.get(found[1]), found[1], translate), body)
    return [line.strip() for line in filled.splitlines() if line.strip()]


def told(kept: Kept | None, code: str, translate: Translate) -> str:
    """A figure in words; what is not known stands in brackets with its name."""
    if kept is None:
        return _missing(translate(FIGURES[code].name) if code in FIGURES else code, translate)
    kind = kept["kind"]
    value = kept.get("value")
    if kind == "parts":
        return _parts_told(kept, translate)
    if kind == "texts":
        return translate(COMMA).join(kept["texts"]) or translate(NONE)
    if kind == "change" and kept["nothing_due"]:
        return translate(NOT_COMPARABLE)
    if value is None:
        return _missing(kept["name"], translate)
    if kind == "change":
        return _change_told(value, translate)
    return _rate_told(value, translate) if kind == "rate" else str(value)


def _missing(what: str, translate: Translate) -> str:
    return translate(MISSING) % {"what": what}


def _parts_told(kept: Kept, translate: Translate) -> str:
    if kept["parts"] is None:
        return _missing(kept["name"], translate)
    parts = [translate(PART) % {"label": label, "number": number} for label, number in kept["parts"]]
    return translate(COMMA).join(parts) or translate(NONE)


def _change_told(points: float, translate: Translate) -> str:
    if not points:
        return translate(SAME)
    return translate(HIGHER if points > 0 else LOWER) % {"points": f"{abs(points):.1f}"}


def _rate_told(parts: Sequence[int], translate: Translate) -> str:
    done, due = parts
    if not due:
        return translate(NOTHING_DUE)
    return translate(RATE) % {"rate": f"{done / due:.1%}", "done": done, "due": due}


def missing_in(lines: Sequence[str]) -> list[str]:
    """What stands in brackets, once each."""
    return list(dict.fromkeys(one for line in lines for one in SAID_MISSING.findall(line)))


def appendix(figures: Sequence[Kept], translate: Translate) -> list[dict[str, Any]]:
    """A row for each figure, and for each part of one, with its definition and period; no cell is empty."""
    rows: list[dict[str, Any]] = []
    for kept in figures:
        for place, (name, value, before) in enumerate(_entries(kept, translate)):
            meaning = translate(DEFINED) % {"meaning": kept["meaning"], "version": kept["version"]}
            period = kept["starts_on"]
            if kept["ends_on"] != kept["starts_on"]:
                period = f"{kept['starts_on']}\n{kept['ends_on']}"
            rows.append(
                {
                    "number": len(rows) + 1, "name": name, "value": value, "before": before, "period": period,
                    "meaning": translate(AS_ABOVE) if place else meaning,
                }
            )  # fmt: skip
    return rows


def _entries(kept: Kept, translate: Translate) -> Iterator[tuple[str, str, str]]:
    """Name, value, value of the year before; '–' where no such value is kept."""
    if kept["kind"] == "parts" and kept["parts"]:
        for label, number in kept["parts"]:
            yield translate(PART_OF) % {"name": kept["name"], "part": label}, str(number), "–"
        return
    value, before = kept.get("value"), kept.get("before")
    if kept["kind"] == "rate":
        shown = told(kept, kept["code"], translate) if value is None else _rate_in_table(value, translate)
        yield kept["name"], shown, "–" if before is None else _rate_in_table(before, translate)
    else:
        shown = told(kept, kept["code"], translate)
        yield kept["name"], shown, "–" if before is None else str(before)


def _rate_in_table(parts: Sequence[int], translate: Translate) -> str:
    """The rate above its parts: a narrow cell would break it anywhere."""
    done, due = parts
    return f"{done / due:.1%}\n{done}/{due}" if due else translate(NOTHING_DUE)
