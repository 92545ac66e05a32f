"""Who may join the plan, who joins, at what rate, and how rates change: docs/methodology.md, on the plan's events.

Belongs here: decisions about the plan. Does not: the workforce, the plan's money (plan_oracle.py), how events are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from tests.oracle.basics import (
    DAY,
    MILLION,
    Happening,
    Settings,
    Worker,
    age,
    banded,
    completed_months,
    months_after,
    rate_text,
)
from tests.oracle.plan_oracle import half_up

_PERIOD_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6}
_FULL_YEAR_HOURS, _LONG_TERM_HOURS = 1_000, 500


@dataclass(frozen=True)
class Entry:
    """When somebody is eligible from and why; `met` is the day on which the conditions were met, for who enters anew."""

    day: date
    reason: str
    is_new: bool
    met: date | None = None

    @property
    def joins_the_plan_now(self) -> bool:
        """Whether this is an entry, and not one that the census already had."""
        return self.is_new and self.reason != "census"


@dataclass(frozen=True)
class Window:
    """The days in which somebody may decline automatic enrolment."""

    start: date
    end: date


def entry(worker: Worker, settings: Settings, last_day: date) -> Entry | None:
    """Whether somebody is eligible at any time of the year."""
    if worker.excluded:
        return None
    if worker.eligible_from is not None:
        assert worker.reason is not None
        return Entry(worker.eligible_from, worker.reason, is_new=False)
    plan = settings.plan
    of_age = months_after(worker.birth, 12 * plan["minimum_age"])
    served = months_after(worker.service_from, plan["service_months"])
    hours_met: date | None = worker.hired
    long_term: date | None = None
    if plan["hours_rule"] and worker.hours_per_week * 52 < _FULL_YEAR_HOURS:
        periods = computation_periods(worker, settings)
        hours_met = next((end for end, hours in periods if hours >= _FULL_YEAR_HOURS), None)
        if plan["long_term_part_time"] and len(periods) == 2 and all(hours >= _LONG_TERM_HOURS for _, hours in periods):
            long_term = max(periods[1][0], of_age)
    ordinary = max(worker.hired, of_age, served, hours_met) if hours_met else None
    met = min((day for day in (ordinary, long_term) if day), default=None)
    if met is None:
        return None
    on = entry_date(met, plan["entry_dates"])
    day = max(day for day in (on, settings.start, plan["adopted"]) if day)
    if day > last_day:
        return None
    is_first = settings.year == settings.first_year
    if is_first and on < settings.start and plan["adopted"] is not None and plan["adopted"] < settings.start:
        reason = "census"
    elif ordinary is None or (long_term is not None and long_term < ordinary):
        reason = "long_term_part_time"
    else:
        assert hours_met is not None
        waited = {"age": of_age > worker.hired, "service": max(served, hours_met) > worker.hired}
        reason = "_and_".join(name for name, had_to in waited.items() if had_to) or "immediate"
    return Entry(day, reason, is_new=True, met=met)


def computation_periods(worker: Worker, settings: Settings) -> list[tuple[date, int]]:
    """The last two twelve-month periods in which hours are counted: the day after each, and its hours.

    The first runs from the start of service to its anniversary, the next is the plan year with that anniversary, or the year
    to the next one. Hours are known by calendar years: what lies before an anniversary is a share of them by days.
    """

    def anniversary(year: int) -> date:
        return months_after(worker.service_from, 12 * (year - worker.service_from.year))

    def before_anniversary(year: int) -> int:
        new_year, next_year = date(year, 1, 1), date(year + 1, 1, 1)
        if year == settings.year:
            of_the_year = worker.hours_per_week * 52
        else:
            of_the_year = Fraction(worker.hours[settings.year - year - 1])
        return half_up(of_the_year * Fraction((anniversary(year) - new_year).days, (next_year - new_year).days))

    found = []
    year, began = settings.year, worker.service_from.year
    for ends in (year - 1, year):
        if ends == year and began < year - 1 and settings.plan["computation_periods"] == "plan_years":
            found.append((settings.start, worker.hours[0]))
        elif ends == year - 1 and began < year - 2 and settings.plan["computation_periods"] == "plan_years":
            found.append((date(year - 1, 1, 1), worker.hours[1]))
        elif began < ends:
            rest = worker.hours[year - ends]
            if began < ends - 1:
                rest -= before_anniversary(ends - 1)
            found.append((anniversary(ends), rest + before_anniversary(ends)))
    return found


def entry_date(met: date, dates: str) -> date:
    """The entry date on or next following a day: the first day of the period after the one that the day before is in."""
    if dates == "immediate":
        return met
    months, eve = _PERIOD_MONTHS[dates], met - DAY
    first_month = (eve.month - 1) // months * months
    return months_after(date(eve.year, first_month + 1, 1), months)


def window(worker: Worker, entered: Entry, settings: Settings) -> Window | None:
    """The window of automatic enrolment, for whom there is one this year."""
    plan = settings.plan
    too_early = plan["auto_hire_cutoff"] is not None and worker.hired < plan["auto_hire_cutoff"]
    if not plan["auto_enabled"] or worker.deferral or worker.opted_out or too_early:
        return None
    if worker.window_end is not None:
        return Window(entered.day, worker.window_end)
    if plan["auto_scope"] != "all_eligible" and not entered.joins_the_plan_now:
        return None
    start = max(entered.day, settings.start)
    return Window(start, start + timedelta(days=plan["auto_window_days"]))


def behaviour(settings: Settings, years: int, pay: int) -> dict[str, Fraction]:
    """Probabilities of declining and of joining, and the mean of a chosen rate, at an age and a pay (cents)."""
    found = {}
    for name in ("opt_out", "voluntary", "deferral"):
        rows = [row for row in settings.tables["plan_bands"] if row["subject"] == name]
        by_age = banded([row for row in rows if row["dimension"] == "age"], years)["value"]
        by_pay = banded([row for row in rows if row["dimension"] == "pay"], pay)["value"]
        found[name] = min(Fraction(by_age) * Fraction(by_pay), Fraction(1))
    found["voluntary"] = min(found["voluntary"], Fraction(settings.plan["voluntary_cap_millionths"], MILLION))
    return found


def chosen_rate(worker: Worker, settings: Settings, mean: Fraction) -> int:
    """Mean x the person's own factor, in whole per cents from 1 to 100."""
    place = floor(settings.u(worker.who, "deferral_spread") * MILLION)
    factor = Fraction(banded([row for row in settings.tables["plan_bands"] if row["dimension"] == "spread"], place)["value"])
    per_cents = half_up(Fraction(half_up(mean * MILLION)) / MILLION * factor * 100)
    return min(max(per_cents, 1), 100) * 10_000


def joining(worker: Worker, entered: Entry, opened: Window | None, settings: Settings, last_day: date) -> Happening | None:
    """What somebody who is eligible and does not contribute decides, if it falls on a day of employment."""
    if worker.deferral:
        return None
    cell = behaviour(settings, age(worker, settings.start), worker.pay)
    decided = in_a_window(worker, entered, opened, cell, settings) if opened else unasked(worker, entered, cell, settings)
    if decided is None or decided[1] > last_day:
        return None
    decision, day, probability = decided
    details = {"window_end": str(opened.end), "window_start": str(opened.start)} if opened else {}
    if decision == "opt_out":
        return Happening("opt_out", "auto", day, float(probability), details)
    default = settings.plan["auto_default_rate_millionths"]
    rate = default if decision == "auto" else chosen_rate(worker, settings, cell["deferral"])
    return Happening("enrollment", decision, day, float(probability), details, rate=rate)


Decision = tuple[str, date, Fraction]


def willingness(would: bool, share: float, luck: float) -> float:
    """How willing somebody is, from 0 to 1: the most willing `share` are those who would do it without being asked."""
    return (1 - share) + share * luck if would else (1 - share) * luck


def would_join(who: str, settings: Settings) -> tuple[bool, float]:
    """Whether somebody who is eligible for some time would join this year of their own accord; and the share who would."""
    share = settings.plan["later_enrollment_millionths"] / MILLION
    return settings.u(who, "later_enrollment") < share, share


def in_a_window(
    worker: Worker, entered: Entry, opened: Window, cell: Mapping[str, Fraction], settings: Settings
) -> Decision | None:
    """Declines on the last day, chooses on the first if that is this year's, or is enrolled on the last."""
    active = Fraction(settings.plan["active_choice_share_millionths"], MILLION)
    opens, ends, stays = opened.start >= settings.start, opened.end <= settings.end, 1 - cell["opt_out"]
    joins, share = False, 0.0
    if entered.joins_the_plan_now or not opens:
        share = float(cell["voluntary"])
        joins = settings.u(worker.who, "voluntary_entry") < share
    if not entered.joins_the_plan_now:
        this_year, yearly = would_join(worker.who, settings)
        joins, share = joins or this_year, share + (1 - share) * yearly
    willing = willingness(joins, share, settings.u(worker.who, "opt_out"))
    if willing < float(cell["opt_out"]):
        return ("opt_out", opened.end, cell["opt_out"]) if ends else None
    if opens and settings.u(worker.who, "active_choice") < float(active):
        return "active_choice", opened.start, stays * active
    return ("auto", opened.end, stays * (1 - active if opens else 1)) if ends else None


def unasked(worker: Worker, entered: Entry, cell: Mapping[str, Fraction], settings: Settings) -> Decision | None:
    """Joins on the day of entry, or on a day of a later year, with the probabilities of either."""
    if entered.joins_the_plan_now:
        does = settings.u(worker.who, "voluntary_entry") < float(cell["voluntary"])
        return ("voluntary", entered.day, cell["voluntary"]) if does else None
    does, _ = would_join(worker.who, settings)
    later = Fraction(settings.plan["later_enrollment_millionths"], MILLION)
    return ("later", settings.day_of_the_year(worker.who, "later_day"), later) if does else None


def changes(worker: Worker, joined: Happening | None, settings: Settings, last_day: date) -> list[Happening]:
    """Escalation or declining it, an own change, a stop: of who contributed on 1 January or joins this year."""
    joins = joined is not None and joined.type == "enrollment"
    if not joins and not (worker.deferral and not worker.excluded):
        return []
    plan, who = settings.plan, worker.who
    joined_on = joined.day if joins and joined else None
    since = joined_on or worker.enrolled_on
    rate = joined.rate if joins and joined else worker.deferral
    assert rate is not None
    escalates = worker.escalates or (joins and joined is not None and joined.category == "auto")
    in_escalation = plan["escalation_enabled"] and not worker.declined_escalation and escalates

    up, down, stop = (plan[f"{name}_millionths"] for name in ("change_up_share", "change_down_share", "stop_share"))
    joins, joining = would_join(who, settings)
    to_save = willingness(joins, joining, settings.u(who, "own_change")) * MILLION
    own = None
    if not in_escalation and joined_on is None:
        own = "raise" if to_save >= MILLION - up else "lower" if to_save < down else None
        if own == "lower" and rate <= plan["change_step_millionths"]:
            own = "stop"
    change_day = settings.day_of_the_year(who, "own_change_day")
    stop_day = settings.day_of_the_year(who, "stop_day")
    to_stay = willingness(joins, joining, settings.u(who, "stop")) * MILLION
    stops = to_stay < stop and (joined_on is None or joined_on < stop_day)
    stop_days = [stop_day] * stops + [change_day] * (own == "stop")
    stops_on = min(stop_days, default=None)
    before = min(last_day, stops_on - DAY) if stops_on else last_day

    found = []
    if stops_on is not None and stops_on <= last_day:
        share = stop if stops and stop_day == stops_on else down
        found.append(Happening("opt_out", "stop", stops_on, share / MILLION, rate=0))
    step = plan["change_step_millionths"]
    if own in ("raise", "lower") and change_day <= before and step > 0 and (own == "lower" or rate < MILLION):
        step, share = (step, up) if own == "raise" else (-step, down)
        found.append(_step("deferral_change", own, change_day, share / MILLION, (step, MILLION)))
    day = date(settings.year, plan["escalation_month"], 1)
    increment, cap = plan["escalation_increment_millionths"], plan["escalation_cap_millionths"]
    due = in_escalation and increment > 0 and rate < cap and since is not None and since < day <= before
    if due and since is not None and completed_months(since, day) >= plan["escalation_delay_months"]:
        share = plan["escalation_opt_out_millionths"]
        luck = settings.u(who, "escalation_opt_out")
        if willingness(to_save >= MILLION - up, up / MILLION, luck) * MILLION < share:
            found.append(Happening("opt_out", "escalation", day, share / MILLION))
        else:
            found.append(_step("deferral_escalation", "escalation", day, 1 - share / MILLION, (increment, cap)))
    return found


def _step(kind: str, category: str, day: date, probability: float, step: tuple[int, int]) -> Happening:
    details = {"cap": rate_text(step[1]), "step": rate_text(step[0])}
    return Happening(kind, category, day, probability, details, step=step)


def stepped(rate: int, step: tuple[int, int]) -> int:
    """A rate after a step: up to the cap, which lowers nobody; down without one."""
    by, cap = step
    return max(rate, min(rate + by, cap)) if by > 0 else rate + by


def census_state(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the plan knows of somebody from the census alone (a row of text, `` for what is not said)."""
    rate = int(Decimal(row["deferral_rate"] or 0) * MILLION)
    excluded = row["plan_exclusion"] == "true"
    enrolled = date.fromisoformat(row["enrollment_date"]) if row["enrollment_date"] else None
    eligible = date.fromisoformat(row["eligibility_date"]) if row["eligibility_date"] else enrolled
    declined = row["auto_escalation_opt_out"].lower() == "true"
    return {
        "excluded": excluded,
        "owner": row["owner_5pct"] == "true",
        "eligible_from": eligible,
        "reason": "census" if eligible else None,
        "enrolled_on": enrolled,
        "enrolled_by": row["enrollment_source"] if enrolled else None,
        "deferral": rate,
        "opted_out": row["opted_out"].lower() == "true",
        "escalates": rate > 0 and row["enrollment_source"] == "auto" and not declined,
        "declined_escalation": declined,
    }
