"""Each kind of rule raises an alarm when it surely holds, once, and closes it when it no longer does."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import event, text

from lxsaas.alarms import evaluation, hooks
from lxsaas.alarms.models import AlarmRule
from lxsaas.core import clock
from lxsaas.core.scope import aggregating
from lxsaas.extensions import db
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure
from lxsaas.networks.report_actions import add_step, open_report
from lxsaas.networks.report_models import MandatoryReport
from lxsaas.pupils.models import Pupil
from tests.alarms.conftest import Nights, Shown

TODAY = clock.today("Asia/Shanghai")
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
_PAST = """
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of,
        numerator, denominator, slack, schools_reporting, schools_expected)
    select district_id, level, unit_id, indicator, starts_on - back, as_of - back,
        numerator, denominator, slack, schools_reporting, schools_expected
    from district_indicator, generate_series(10, 300) back where starts_on = :day
"""
"""Some three hundred nights before a day's."""
_READ = """
    select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'district_indicator'
"""


def test_a_rate_below_the_bound_raises_one_alarm_and_closes_it_when_it_recovers(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60)
    nights.show("talk_monthly", OCTOBER, (23, 40), (24, 40))
    nights.night(date(2026, 10, 31))
    assert len(nights.judge(date(2026, 10, 31))) == 1
    assert nights.alarmed() == [0]
    assert nights.judge(date(2026, 10, 31)) == []
    nights.show("talk_monthly", NOVEMBER, (24, 40), (24, 40))
    nights.night(date(2026, 11, 30))
    assert nights.judge(date(2026, 11, 30)) == []
    assert nights.alarmed() == []
    (alarm,) = nights.alarms(still_open=False)
    assert (alarm.about_on, alarm.numerator, alarm.denominator, alarm.bound) == (OCTOBER, 23, 40, 60)


def test_nights_that_a_rule_does_not_ask_for_are_not_read(nights: Nights) -> None:
    nights.rule("below", indicator="high_risk_followed", bound=60, periods=3)
    day = date(2026, 11, 20)
    for back in range(3):
        nights.show("high_risk_followed", day - timedelta(days=back), (1, 40), (1, 40))
    nights.night(day)

    def rows_read() -> int:
        now = datetime.combine(day + timedelta(days=1), time(2), ZoneInfo("Asia/Shanghai"))
        with nights.factory.session(aggregating(nights.district.id, nights.school_ids())) as session:
            # Of a few rows the planner would read the whole table.
            session.execute(text("set local enable_seqscan = off"))
            before = session.execute(text(_READ)).scalar_one()
            evaluation.judge_rules(session, nights.district.id, now=now)
            after = session.execute(text(_READ)).scalar_one()
            session.rollback()
        return int(after - before)

    of_three = rows_read()
    with nights.factory.session(aggregating(nights.district.id, ())) as session:
        session.execute(text(_PAST), {"day": day})
    assert rows_read() == of_three > 0


def test_a_month_is_judged_when_it_is_over(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60)
    nights.show("talk_monthly", NOVEMBER, (0, 40))
    nights.night(date(2026, 11, 29))
    assert nights.judge(date(2026, 11, 29)) == []
    nights.night(date(2026, 11, 30))
    assert len(nights.judge(date(2026, 11, 30))) == 1


def test_it_lasts_over_the_next_month_as_one_alarm(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60)
    for month, end in ((OCTOBER, date(2026, 10, 31)), (NOVEMBER, date(2026, 11, 30))):
        nights.show("talk_monthly", month, (5, 40))
        nights.night(end)
        nights.judge(end)
    assert [one.about_on for one in nights.alarms(still_open=False)] == [OCTOBER]


def test_several_months_must_lie_below_in_a_row(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60, periods=3)
    for month in (date(2026, 8, 1), date(2026, 9, 1)):
        nights.show("talk_monthly", month, (5, 40), (5, 40), (5, 40))
    nights.show("talk_monthly", OCTOBER, (5, 40), (30, 40))  # of the third no figure
    nights.night(date(2026, 10, 31))
    nights.judge(date(2026, 10, 31))
    assert nights.alarmed() == [0]


def test_days_must_follow_each_other(nights: Nights) -> None:
    nights.rule("below", indicator="archive_complete", bound=90, periods=3)
    for day in (25, 27, 28):
        nights.show("archive_complete", date(2026, 2, day), (1, 40))
    nights.night(date(2026, 2, 28))
    assert nights.judge(date(2026, 2, 28)) == []
    nights.show("archive_complete", date(2026, 3, 1), (1, 40))
    nights.night(date(2026, 3, 1))
    assert len(nights.judge(date(2026, 3, 1))) == 1


def test_a_term_is_judged_when_it_is_over(nights: Nights) -> None:
    nights.term(date(2026, 2, 23), date(2026, 7, 10))
    nights.term(date(2026, 9, 1), date(2027, 1, 20))
    nights.rule("below", indicator="plan_ready", bound=90)
    nights.show("plan_ready", date(2026, 2, 23), (10, 40))
    nights.show("plan_ready", date(2026, 9, 1), (40, 40))
    nights.night(date(2026, 7, 9))
    assert nights.judge(date(2026, 7, 9)) == []
    nights.night(date(2026, 8, 20))
    assert len(nights.judge(date(2026, 8, 20))) == 1
    nights.night(date(2027, 1, 20))
    nights.judge(date(2027, 1, 20))
    assert nights.alarmed() == []


def test_without_a_bound_each_period_is_held_against_the_target_of_its_time(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", periods=2)
    nights.target("talk_monthly", 50, date(2026, 1, 1))
    nights.target("talk_monthly", 90, NOVEMBER)
    nights.show("talk_monthly", OCTOBER, (24, 40), (19, 40))
    nights.show("talk_monthly", NOVEMBER, (24, 40), (24, 40))
    nights.night(date(2026, 11, 30))
    nights.judge(date(2026, 11, 30))
    assert nights.alarmed() == [1]
    nights.target("talk_monthly", None, date(2026, 11, 15))
    nights.judge(date(2026, 11, 30))
    assert nights.alarmed() == []


def test_a_drop_out_is_told_at_the_next_night_though_its_number_is_hidden(nights: Nights) -> None:
    nights.term(date(2026, 9, 1), date(2027, 1, 20))
    nights.rule("above", indicator="drop_outs", bound=0)
    nights.show("drop_outs", date(2026, 9, 1), (0, None), (None, None, "few"), (4, None))
    nights.night(date(2026, 10, 3))
    nights.judge(date(2026, 10, 3))
    assert nights.alarmed() == [1, 2]
    assert {one.hidden for one in nights.alarms()} == {"few", None}


def test_overdue_visits_are_told_in_the_month_and_anew_in_the_next(nights: Nights) -> None:
    nights.rule("must_visits", indicator="must_visit_on_time", bound=0)
    nights.show("must_visit_on_time", OCTOBER, (7, 10), (10, 10), (None, 10, "most"), (None, None, "all"))
    nights.night(date(2026, 10, 9))
    nights.judge(date(2026, 10, 9))
    assert nights.alarmed() == [0, 2]
    nights.show("must_visit_on_time", NOVEMBER, (6, 10))
    nights.night(date(2026, 11, 4))
    nights.judge(date(2026, 11, 4))
    assert [one.about_on for one in nights.alarms()] == [NOVEMBER]


def test_more_overdue_visits_than_a_bound(nights: Nights) -> None:
    nights.rule("must_visits", indicator="must_visit_on_time", bound=3)
    nights.show("must_visit_on_time", OCTOBER, (7, 10), (6, 10), (None, 10, "few"), (None, 10, "most"))
    nights.night(date(2026, 10, 9))
    nights.judge(date(2026, 10, 9))
    assert nights.alarmed() == [1, 2]


def test_a_silent_school_is_told_after_so_many_days_of_term_and_until_it_enters_something(
    nights: Nights,
) -> None:
    nights.term(date(2026, 2, 23), date(2026, 7, 10))
    nights.term(date(2026, 9, 1), date(2027, 1, 20))
    nights.rule("silent", bound=10)
    for school, day in zip(nights.schools, (date(2026, 7, 8), date(2026, 9, 1), None), strict=False):
        nights.entered(school, day)
    nights.entered(nights.schools[3], date(2026, 9, 7))
    nights.night(date(2026, 9, 7))
    nights.judge(date(2026, 9, 7))
    assert nights.alarmed() == []  # two days of the spring term, seven of this
    nights.night(date(2026, 9, 8))
    nights.judge(date(2026, 9, 8))
    assert nights.alarmed() == [0]
    assert [one.numerator for one in nights.alarms()] == [10]
    nights.entered(nights.schools[0], date(2026, 9, 9))
    nights.night(date(2026, 9, 9))
    nights.judge(date(2026, 9, 9))
    assert nights.alarmed() == []


def test_a_night_is_told_when_it_is_not_there_by_its_hour(nights: Nights) -> None:
    nights.rule("night", bound=6)
    nights.night(date(2026, 10, 1))
    assert nights.judge(date(2026, 10, 2), hour=5) == []
    assert len(nights.judge(date(2026, 10, 2), hour=6)) == 1
    nights.night(date(2026, 10, 2), state="running")
    assert nights.judge(date(2026, 10, 2), hour=7) == []
    nights.night(date(2026, 10, 2))
    nights.judge(date(2026, 10, 2), hour=8)
    assert nights.alarms() == []


def test_a_night_that_gave_schools_up_is_told_until_a_later_run_counts_them(nights: Nights) -> None:
    nights.rule("night", bound=6)
    nights.night(date(2026, 10, 2), dead=2)
    nights.judge(date(2026, 10, 2))
    (alarm,) = nights.alarms()
    assert (alarm.level, alarm.numerator, alarm.denominator) == ("district", 2, 4)
    nights.night(date(2026, 10, 2))
    nights.judge(date(2026, 10, 2))
    assert nights.alarms() == []


def test_a_mandatory_report_is_told_by_the_tick_at_once_and_until_it_is_closed(nights: Nights) -> None:
    school = nights.schools[1]
    teacher = nights.factory.staff(school)
    pupil_id = nights.factory.pupil(school, nights.factory.school_class(school, teacher))
    nights.rule("mandatory_report", delivery="at_once")
    reports = []
    for _ in range(2):
        with nights.factory.session(school.scope) as session:
            pupil = session.get_one(Pupil, (school.id, pupil_id))
            known_at = clock.now() - timedelta(hours=1)
            report = open_report(session, pupil, harm="other", known_at=known_at, words="x", by=teacher.id)
            reports.append(report.id)
    told: list[int] = []
    hooks.alarm_raised.append(hook := lambda _session, _district, alarm_id, _day: told.append(alarm_id))
    try:
        raised = nights.judge(TODAY, kinds=("mandatory_report",))
        assert len(raised) == 2
        assert told == raised
        with nights.factory.session(school.scope) as session:
            report = session.get_one(MandatoryReport, (school.id, reports[0]))
            add_step(
                session, report, kind="closed", closed_as="mistake", done_at=clock.now(), words="x",
                done_by=teacher.id, by=teacher.id,
            )  # fmt: skip
        assert nights.judge(TODAY, kinds=("mandatory_report",)) == []
        assert [one.source_id for one in nights.alarms()] == reports[1:]
        assert told == raised
    finally:
        hooks.alarm_raised.remove(hook)


def test_a_hidden_figure_raises_only_what_the_sign_leaves_no_doubt_of(nights: Nights) -> None:
    """For every sign the alarm is there exactly where the page says that the target is missed."""
    shown: list[Shown] = [(None, 40, "few"), (None, 40, "most"), (None, 7, "some"), (None, None, "all")]
    for code in ("three_way_monthly", "home_visit_monthly", "talk_monthly"):
        nights.show(code, OCTOBER, *shown)
        for bound in (5, 8, 12, 60, 97, 98, 99):
            nights.rule("below", indicator=code, bound=bound)
    nights.night(date(2026, 10, 31))
    nights.judge(date(2026, 10, 31))
    found = {(one.bound, one.unit_id, one.rule_id) for one in nights.alarms()}
    with nights.factory.session(nights.district.scope) as session:
        rules = {rule.id: rule for rule in session.query(AlarmRule).filter_by(is_active=True)}
        expected = {
            (rule.bound, school.id, rule.id)
            for rule in rules.values()
            for school, one in zip(nights.schools, shown, strict=True)
            if Figure(
                INDICATORS[rule.indicator or ""], one[0], one[1], one[2], target=rule.bound
            ).misses_target  # fmt: skip
        }
    assert found == expected
    assert 0 < len(expected) < 7 * 3 * 4


def test_a_sum_counts_with_the_most_that_it_can_be(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60, level="district")
    nights.night(date(2026, 10, 31))
    nights.show("talk_monthly", OCTOBER, (58, 100, None, 2), level="district")
    assert nights.judge(date(2026, 10, 31)) == []
    nights.show("talk_monthly", OCTOBER, (58, 100, None, 1), level="district")
    assert len(nights.judge(date(2026, 10, 31))) == 1


def test_a_rule_that_is_switched_off_closes_its_alarms_and_a_recount_opens_the_same_again(
    nights: Nights,
) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60)
    nights.show("talk_monthly", OCTOBER, (23, 40))
    nights.night(date(2026, 10, 31))
    first = nights.judge(date(2026, 10, 31))
    nights.show("talk_monthly", OCTOBER, (30, 40))
    nights.judge(date(2026, 10, 31) + timedelta(days=2))
    assert nights.alarms() == []
    nights.show("talk_monthly", OCTOBER, (23, 40))
    assert nights.judge(date(2026, 10, 31)) == []
    (alarm,) = nights.alarms()
    assert [alarm.id] == first
    assert alarm.reopened_at is not None
    with nights.factory.session(nights.district.scope) as session:
        session.execute(text("update alarm_rule set is_active = false, changed_at = clock_timestamp()"))
    nights.judge(date(2026, 10, 31), kinds=())
    assert nights.alarms() == []


def test_a_thousand_schools_take_as_many_statements_as_one(nights: Nights) -> None:
    nights.rule("below", indicator="talk_monthly", bound=60)
    nights.rule("silent", bound=10)
    nights.night(date(2026, 10, 31))

    with nights.factory.app.app_context():
        engine = db.engines["lx_aggregator"]

    def statements() -> int:
        sent: list[str] = []
        event.listen(
            engine, "before_cursor_execute", note := lambda _c, _k, statement, *_: sent.append(statement)
        )
        try:
            nights.judge(date(2026, 10, 31))
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    nights.judge(date(2026, 10, 31))
    nights.show("talk_monthly", OCTOBER, (1, 40))
    of_one = statements()
    nights.schools += [nights.factory.school(nights.district) for _ in range(20)]
    nights.show("talk_monthly", OCTOBER, *[(1, 40)] * 24)
    assert statements() == of_one
    assert len(nights.alarmed()) == 24
