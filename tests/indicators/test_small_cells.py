"""A solver that knows the rule and keeps all that was ever shown works out no small number.

What it knows of a school: one number of care targets C stands below all rates of a day; C <= L <= E, for
every definition is narrower than the register's; three-way contact has at least H + P - C children of H
visited and P called; and while C stays the same a running month's numbers never fall. Sums are sums of what
is shown (tested below), so whoever holds the schools' rows learns nothing from them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.small_cells_by_hand import Parts, Rule, Shown, of_school, of_sum, rule_of

MONTHLY = (
    "talk_monthly",
    "home_visit_monthly",
    "parent_call_monthly",
    "family_phone_monthly",
    "three_way_monthly",
)
Night = Mapping[str, Parts]
Publish = Callable[[str, Parts], Shown]


@st.composite
def nights(draw: st.DrawFn) -> list[Night]:
    """A school on three nights of a month: children may come, contacts only grow."""
    shown: list[Night] = []
    served = dict.fromkeys(MONTHLY, 0)
    targets = draw(st.integers(0, 12))
    for _ in range(3):
        targets += draw(st.sampled_from((0, 0, 0, 1)))
        behind = targets + draw(st.integers(0, 3))
        enrolled = behind + draw(st.integers(0, 3))
        for code in MONTHLY[:4]:
            served[code] = draw(st.integers(min(served[code], targets), targets))
        overlap = served["home_visit_monthly"] + max(
            served["parent_call_monthly"], served["family_phone_monthly"]
        )
        least = max(served["three_way_monthly"], overlap - targets, 0)
        served["three_way_monthly"] = draw(st.integers(min(least, targets), targets))
        figures: dict[str, Parts] = {code: (count, targets) for code, count in served.items()}
        shown.append(figures | {"care_targets": (targets, None), "left_behind_share": (behind, enrolled)})
    return shown


class Adversary:
    """What can be true, as a set of constraints over the numbers of each night."""

    def __init__(self, count: int) -> None:
        self.solver = z3.Solver()
        self.nights = [self._unknown(number) for number in range(count)]
        for before, after in zip(self.nights, self.nights[1:], strict=False):
            for code in MONTHLY:
                same = before["care_targets"] == after["care_targets"]
                self.solver.add(z3.Implies(same, before[code] <= after[code]))

    def _unknown(self, number: int) -> dict[str, Any]:
        names = (*MONTHLY, "care_targets", "left_behind_share", "enrolled")
        one = {name: z3.Int(f"{name}-{number}") for name in names}
        targets = one["care_targets"]
        self.solver.add(targets >= 0, targets <= one["left_behind_share"])
        self.solver.add(one["left_behind_share"] <= one["enrolled"])
        for code in MONTHLY:
            self.solver.add(one[code] >= 0, one[code] <= targets)
        for calls in ("parent_call_monthly", "family_phone_monthly"):
            self.solver.add(one["three_way_monthly"] >= one["home_visit_monthly"] + one[calls] - targets)
        return one

    def below(self, number: int, code: str) -> Any:
        """The denominator of a figure, as an unknown; None for a count."""
        if code == "care_targets":
            return None
        return self.nights[number]["enrolled" if code == "left_behind_share" else "care_targets"]

    def see(self, number: int, code: str, shown: Shown, rule: Rule) -> None:
        """Learns a row: its numbers, and of a sign every pair of numbers for which the rule gives it."""
        numerator, denominator = self.nights[number][code], self.below(number, code)
        if shown.denominator is not None:
            self.solver.add(denominator == shown.denominator)
        if shown.numerator is not None:
            self.solver.add(numerator == shown.numerator)
            return
        whole = (
            [shown.denominator]
            if shown.denominator is not None
            else [1, 2]
            if denominator is not None
            else [None]
        )
        fitting = []
        for due in whole:
            for count in range((due if due is not None else rule.few) + 1):
                if rule.sign(count, due) == shown.hidden:
                    both = numerator == count
                    fitting.append(both if due is None else z3.And(both, denominator == due))
        self.solver.add(z3.Or(fitting))

    def knows(self, number: int, code: str, count: int) -> bool:
        """Whether nothing else than this numerator is possible."""
        self.solver.push()
        self.solver.add(self.nights[number][code] != count)
        sure = self.solver.check() == z3.unsat
        self.solver.pop()
        return bool(sure)


def recovered(
    shown: Sequence[Night], publish: Publish, rules: Callable[[str], Rule]
) -> list[tuple[int, str]]:
    """The small numbers, counted or missing, that the adversary is sure of."""
    adversary = Adversary(len(shown))
    for number, night in enumerate(shown):
        for code, parts in night.items():
            adversary.see(number, code, publish(code, parts), rules(code))
    assert adversary.solver.check() == z3.sat
    return [
        (number, code)
        for number, night in enumerate(shown)
        for code, (count, due) in night.items()
        if (count in (1, 2) or (due is not None and code in MONTHLY and due - count in (1, 2)))
        and adversary.knows(number, code, count)
    ]


@settings(max_examples=60, deadline=None)
@given(shown=nights())
def test_nothing_small_is_worked_out_from_all_that_is_shown_over_time(shown: list[Night]) -> None:
    assert recovered(shown, of_school, rule_of) == []


def night_of(targets: int, **served: int) -> Night:
    """A night with the given contacts, none of other kinds."""
    figures: dict[str, Parts] = {code: (served.get(code, 0), targets) for code in MONTHLY}
    return figures | {"care_targets": (targets, None), "left_behind_share": (targets + 5, targets + 15)}


def test_the_same_solver_breaks_what_hides_small_denominators_alone() -> None:
    def naive(_code: str, parts: Parts) -> Shown:
        return Shown(None, None, "all") if parts[1] in (1, 2) else Shown(*parts)

    assert (0, "talk_monthly") in recovered([night_of(40, talk_monthly=39)], naive, rule_of)


def test_the_same_solver_breaks_one_rule_for_all_indicators() -> None:
    """Three-way contact tells of home visits: 15 of 20 with 17 called leaves at most 18 visited."""
    shown = night_of(20, home_visit_monthly=18, parent_call_monthly=17, three_way_monthly=15)

    def plain(_code: str, parts: Parts) -> Shown:
        sign = Rule().sign(*parts)
        return Shown(*parts) if sign is None else Shown(None, parts[1], sign)

    assert recovered([shown], plain, lambda _code: Rule()) == [(0, "home_visit_monthly")]
    assert recovered([shown], of_school, rule_of) == []


@given(parts=st.lists(st.integers(0, 12).flatmap(lambda due: st.tuples(st.integers(0, due), st.just(due)))))
def test_sums_are_sums_of_what_is_shown(parts: list[Parts]) -> None:
    """Two schools of which the same is shown are the same to every sum."""
    for code in ("talk_monthly", "three_way_monthly", "left_behind_share"):
        alike = [_another(code, one) for one in parts]
        assert of_sum(code, alike) == of_sum(code, parts)


def _another(code: str, parts: Parts) -> Parts:
    """Other numbers of which the same is shown, where there are any."""
    shown = of_school(code, parts)
    dues = [shown.denominator] if shown.denominator is not None else [1, 2]
    fitting = [
        (count, due) for due in dues for count in range(due + 1) if of_school(code, (count, due)) == shown
    ]
    return fitting[-1]
