"""One year of one world in plain Python: from what it opens with to everything that happens in it.

No SQL, and of the product's code only the draws and the study's settings as plain rows. The order is that of the
methodology: exits, hires, promotions, raises, the plan. A year leaves its own state behind, and the next opens with it.

Belongs here: the order, and what each happening does to people. Does not: the decisions themselves (workforce.py,
plan_decisions.py), the plan's money (plan_ledger.py, from these very events).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from tests.oracle import pay_oracle, plan_decisions, plan_ledger, plan_oracle, workforce
from tests.oracle.basics import MILLION, SAME_DAY, Happening, Settings, State, Worker, completed_months, rate_text
from tests.oracle.plan_oracle import half_up


class Event(NamedTuple):
    """A row of fct_yearly_events; money in cents, rates in millionths."""

    employee_id: str
    sequence: int
    type: str
    category: str
    day: date
    cents_before: int | None
    cents_after: int | None
    level_before: int | None
    level_after: int | None
    rate_before: int | None
    rate_after: int | None
    probability: float | None
    details: str


_PLAN = set(plan_ledger.SAME_DAY)


def events_of_a_year(state: State, settings: Settings) -> Iterator[Event]:
    """All that happens but forfeitures, which are the ledger's, person by person; the state becomes the year's end."""
    happenings = workforce.leavers(state, settings)
    hired, of_hires = workforce.hires(state, settings, happenings)
    happenings |= of_hires
    workers = {**state.workers, **hired}
    promoted = workforce.promotions(workers, settings, promotion_date(settings))
    for who, worker in workers.items():
        last_day = worker.exit or settings.end
        own = [*happenings.get(who, []), *promoted.get(who, []), *raises(worker, promoted.get(who, []), settings)]
        entered = plan_decisions.entry(worker, settings, last_day)
        opened = joined = None
        if entered is not None:
            opened = plan_decisions.window(worker, entered, settings)
            joined = plan_decisions.joining(worker, entered, opened, settings, last_day)
            if entered.is_new:
                met = {"conditions_met_on": str(entered.met)}
                own.append(Happening("eligibility", entered.reason, entered.day, details=met))
        own += [joined] if joined else []
        own += plan_decisions.changes(worker, joined, settings, last_day)
        own.sort(key=lambda happening: (happening.day, SAME_DAY.index(happening.type), happening.category == "stop"))
        if entered is not None:
            worker.eligible_from, worker.reason = entered.day, entered.reason
            worker.window_end = opened.end if opened and not joined else None
        for number, happening in enumerate(own, start=1):
            yield event(worker, happening, number, settings)
        close(worker, settings)
    state.workers = {who: replace(worker, is_new=False) for who, worker in workers.items() if worker.exit is None}


def promotion_date(settings: Settings) -> date:
    """The configured day, or the last of a month too short to have it."""
    month, day = settings.workforce["promotion_month"], settings.workforce["promotion_day"]
    while True:
        try:
            return date(settings.year, month, day)
        except ValueError:
            day -= 1


def raises(worker: Worker, promoted: list[Happening], settings: Settings) -> list[Happening]:
    """COLA on 1 January for who is there; merit in the person's own month, by the level then in force. None of 0."""
    found = []
    cola = settings.workforce["cola_millionths"]
    if not worker.is_new and cola > 0:
        found.append(raise_of("cola", settings.start, cola))
    place = floor(settings.u(worker.who, "merit_month") * MILLION)
    for row in sorted(settings.tables["scenario_merit_months"], key=lambda row: int(row["month"])):
        place -= row["weight_millionths"]
        if place < 0:
            break
    day = date(settings.year, row["month"], 1)
    served = completed_months(worker.service_from, day) >= settings.workforce["merit_service_months"]
    if worker.active_on(day) and served:
        level = promoted[0].level if promoted and promoted[0].day < day else worker.level
        assert level is not None
        rate = settings.levels[level]["merit_rate_millionths"]
        found += [raise_of("merit_raise", day, rate)] if rate > 0 else []
    return found


def raise_of(kind: str, day: date, by: int) -> Happening:
    """A raise as it is due."""
    return Happening(kind, kind, day, details={"raise": rate_text(by)}, raise_by=by)


def event(worker: Worker, happening: Happening, number: int, settings: Settings) -> Event:
    """What somebody's happening is published as; what it does is done."""
    kind, is_plan = happening.type, happening.type in _PLAN
    pay, level, rate = worker.pay, worker.level, worker.deferral
    if happening.raise_by is not None:
        worker.pay = raised(worker.pay, happening.raise_by, settings.workforce["pay_cap_cents"])
    if happening.level is not None:
        worker.level = happening.level
    if is_plan:
        follow(worker, happening)
    comes, goes = kind == "hire", kind == "termination"
    return Event(
        worker.who, number, kind, happening.category, happening.day,
        None if comes else pay, None if goes else worker.pay,
        None if comes else level, None if goes else worker.level,
        None if comes else rate, None if goes else worker.deferral,
        happening.probability, json.dumps(happening.details, sort_keys=True, separators=(",", ":")),
    )  # fmt: skip


def raised(pay: int, by: int, cap: int | None) -> int:
    """Pay after a raise, to the cent; a cap stops raises and lowers nobody."""
    due = half_up(Fraction(pay * (MILLION + by), MILLION))
    return due if cap is None else max(pay, min(due, cap))


def follow(worker: Worker, happening: Happening) -> None:
    """What an event of the plan leaves behind."""
    if happening.type == "enrollment":
        assert happening.rate is not None
        worker.enrolled_on, worker.enrolled_by, worker.deferral = happening.day, happening.category, happening.rate
        worker.escalates = worker.escalates or happening.category == "auto"
    elif happening.step is not None:
        worker.deferral = plan_decisions.stepped(worker.deferral, happening.step)
    elif happening.category == "escalation":
        worker.declined_escalation = True
    elif happening.type == "opt_out":
        worker.opted_out = True
        worker.deferral = 0 if happening.category == "stop" else worker.deferral


def close(worker: Worker, settings: Settings) -> None:
    """What the year leaves to the next: hours of service, and whether somebody still escalates."""
    worker.escalates = worker.escalates and worker.deferral > 0 and not worker.declined_escalation
    first, last = max(worker.hired, settings.start), worker.exit or settings.end
    hours = half_up(worker.hours_per_week * 52 * Fraction((last - first).days + 1, settings.days))
    worker.hours = (hours, worker.hours[0])


def forfeitures(who: str, row: plan_ledger.PersonYear) -> list[tuple[str, str, str]]:
    """Employee, source and details of what an exit leaves behind, by the ledger."""
    found = []
    for source in ("match", "core"):
        left, had, vested = (getattr(row, name.format(source)) for name in ("forfeited_{}", "cumulative_{}", "{}_vested"))
        if left > 0:
            details = {"cumulative": money_text(had), "forfeited": money_text(left), "vested": rate_text(vested)}
            found.append((who, source, json.dumps(details, sort_keys=True, separators=(",", ":"))))
    return found


def money_text(cents: int) -> str:
    """Money as the events' details write it."""
    return f"{cents // 100}.{cents % 100:02d}"


def as_the_ledgers_read(events: list[Event]) -> tuple[list[pay_oracle.Event], list[plan_ledger.Event]]:
    """The year's events as the oracles of pay and of the plan's money take them."""
    pay, plan = [], []
    for e in events:
        hire_pay = e.cents_after if e.type == "hire" else None
        pay.append(pay_oracle.Event(e.employee_id, e.type, e.day, e.level_after, hire_pay, e.details))
        chosen = e.rate_after if e.type == "enrollment" else None
        plan.append(plan_ledger.Event(e.employee_id, e.type, e.category, e.day, chosen, e.details))
    return pay, plan


def worker_of(row: dict[str, Any]) -> Worker:
    """Somebody of a census whose rows are text; `` is nothing said."""
    return Worker(
        who=row["employee_id"],
        birth=date.fromisoformat(row["birth_date"]),
        hired=date.fromisoformat(row["hire_date"]),
        service_from=date.fromisoformat(row["service_date"]),
        level=int(row["level_id"]),
        pay=half_up(Fraction(row["annual_compensation"]) * 100),
        hours_per_week=Fraction(row["scheduled_hours_per_week"]),
        announced=date.fromisoformat(row["termination_date"]) if row.get("termination_date") else None,
        hours=tuple(half_up(Fraction(row[f"hours_prior_year_{n}"])) for n in (1, 2)),  # type: ignore[arg-type]
        **plan_decisions.census_state(row),
    )


__all__ = ["events_of_a_year", "plan_oracle"]
