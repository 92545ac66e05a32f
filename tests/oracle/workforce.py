"""Who leaves, who is hired, who is promoted: docs/methodology.md, 2 to 5.

Belongs here: decisions about the workforce. Does not: pay and plan, how events are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import exp, floor, inf, log
from typing import Any

from tests.oracle.basics import MILLION, Happening, Settings, State, Worker, age, banded, end_to_end, rate_text, uniform
from tests.oracle.pay_oracle import completed_years
from tests.oracle.plan_oracle import half_up
from tests.twins import draws

Happenings = dict[str, list[Happening]]


# --- hazards ---------------------------------------------------------------------------------------------------------


def hazard_rate(settings: Settings, hazard: str, level: int, years: int, service: int) -> float:
    """A yearly rate: -ln(1 - base) times the product of the three multipliers; a base of 1 is 10^9."""
    base = Decimal(settings.workforce[f"{hazard}_base"])
    product = Decimal(1)
    for dimension, value in (("age", years), ("tenure", service), ("level", level)):
        rows = [
            r
            for r in settings.tables["scenario_hazards"]
            if (r["hazard"], r["dimension"]) == (hazard, dimension) and r["tenure_min"] <= service < r["tenure_max"]
        ]
        product *= banded(rows, value)["value"]
    if base == 0 or product == 0:
        return 0.0
    return 1e9 if base == 1 else min(-log(float(1 - base)) * float(product), 1e9)


def retirement_rate(settings: Settings, years: int) -> float:
    """A yearly rate by age alone; none outside the bands."""
    rows = [r for r in settings.tables["scenario_hazards"] if r["hazard"] == "retirement"]
    return float(sum(r["value"] for r in rows if r["band_min"] <= years < r["band_max"]))


def probability(rate: float) -> Fraction:
    """1 - exp(-rate), kept to twelve digits."""
    return Fraction(round((1 - exp(-rate)) * 10**12), 10**12)


def promotion_probability(settings: Settings, worker: Worker) -> Fraction:
    """0 at the top."""
    if settings.above(worker.level) is None:
        return Fraction(0)
    service = 0 if worker.is_new else completed_years(worker.service_from, settings.start)
    return probability(hazard_rate(settings, "promotion", worker.level, age(worker, settings.start), service))


def clock(u: float, rate: float) -> float:
    """When somebody with this rate leaves."""
    return -log(1 - u) / rate if rate > 0 else inf


def solved_scale(rates: Sequence[float], target: float) -> float:
    """The s at which the probabilities 1 - exp(-s x rate) sum to the target, by halving."""
    rates = [rate for rate in rates if rate > 0]
    if target <= 0:
        return 0.0
    if target >= len(rates):
        return inf
    low, high = 0.0, 1.0

    def leavers(scale: float) -> float:
        return sum(1 - exp(-scale * rate) for rate in rates)

    while leavers(high) < target:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if leavers(middle) < target else (low, middle)
    return high


def leaves_by(scale: float, rate: float) -> float:
    """The published probability of an exit."""
    return 1 - exp(-scale * rate) if rate > 0 else 0.0


# --- how many and who leaves -----------------------------------------------------------------------------------------


def headcount(settings: Settings, people: int, exits: int) -> tuple[int, int, int, int]:
    """Target, hires, how many of these leave, and how many more leave as a reduction."""
    target = half_up(Fraction(people * (MILLION + settings.workforce["growth_millionths"]), MILLION))
    net = target - (people - exits)
    if net <= 0:
        return target, 0, 0, -net
    stay = MILLION - settings.workforce["new_hire_termination_rate_millionths"]
    hires = half_up(Fraction(net * MILLION, stay))
    return target, hires, hires - net, 0


def leavers(state: State, settings: Settings) -> Happenings:
    """The exits of the opening workforce; the state remembers how many were due and taken."""
    people = list(state.workers.values())
    announced = {w.who for w in people if w.announced is not None and w.announced.year == settings.year}
    later = {w.who for w in people if w.announced is not None and w.announced.year > settings.year}
    rates, retirement = {}, {}
    for worker in (w for w in people if w.announced is None):
        years, service = age(worker, settings.start), completed_years(worker.service_from, settings.start)
        retirement[worker.who] = retirement_rate(settings, years)
        rates[worker.who] = hazard_rate(settings, "termination", worker.level, years, service) + retirement[worker.who]
    share = settings.workforce["termination_rate_millionths"]
    if share is None:
        due = sum((probability(rate) for rate in rates.values()), Fraction(len(announced)))
    else:
        due = Fraction(len(people) * share, MILLION)
        due = min(max(due, Fraction(len(announced))), Fraction(len(people) - len(later)))
    state.exits_due += due
    quota = floor(state.exits_due) - state.exits_taken
    state.exits_taken += quota

    luck = {worker.who: settings.u(worker.who, "exit_clock") for worker in people}
    clocks = {who: clock(luck[who], rates[who]) for who in rates}
    order = sorted(clocks, key=lambda who: (clocks[who], luck[who], draws.identity_key(who)))
    if settings.workforce["selection"] == "exact":
        exits, scale = quota, solved_scale(list(rates.values()), quota - len(announced))
    else:
        scale = 1.0 if share is None else solved_scale(list(rates.values()), float(due) - len(announced))
        exits = len(announced) + sum(clocks[who] < scale for who in order)
    # Known leavers go first; whose day is in a later year goes before it only where nobody else is left to be let go.
    order = [*sorted(announced), *order, *sorted(later, key=lambda who: (luck[who], draws.identity_key(who)))]
    _, _, _, reduction = headcount(settings, len(people), exits)

    found: Happenings = {}
    for place, who in enumerate(order[: exits + reduction], start=1):
        worker = state.workers[who]
        if who in announced:
            worker.exit = worker.announced
            found[who] = [exit_of(worker, "announced", 1.0)]
            continue
        worker.exit = settings.day_of_the_year(who, "exit_day")
        if who in later:
            found[who] = [exit_of(worker, "reduction", 0.0)]
            continue
        retires = settings.u(who, "exit_cause") * rates[who] < retirement[who]
        cause = "reduction" if place > exits else ("retirement" if retires else "experienced")
        found[who] = [exit_of(worker, cause, leaves_by(scale, rates[who]))]
    return found


def exit_of(worker: Worker, cause: str, chance: float) -> Happening:
    """The exit as it is published."""
    assert worker.exit is not None
    details = {
        "age_at_exit": completed_years(worker.birth, worker.exit),
        "service_years_at_exit": completed_years(worker.service_from, worker.exit),
    }
    return Happening("termination", cause, worker.exit, chance, details)


# --- hires -----------------------------------------------------------------------------------------------------------


def level_weights(state: State, settings: Settings, gone: Happenings, target: int) -> dict[int, Fraction]:
    """What each level asks for: its own weight, its heads, or what it lacks to the mix of the census."""
    heads = Counter(worker.level for worker in state.workers.values())
    mix = settings.workforce["level_mix"]
    if mix == "weights":
        return {level: Fraction(row["mix_weight_millionths"] or 0) for level, row in settings.levels.items()}
    if mix == "current":
        return {level: Fraction(heads[level]) for level in settings.levels}
    risen: Counter[int | None] = Counter()
    for who, worker in state.workers.items():
        if who not in gone:
            chance = promotion_probability(settings, worker)
            risen[worker.level] -= chance  # type: ignore[assignment,operator]
            risen[settings.above(worker.level)] += chance  # type: ignore[assignment,operator]
    left = Counter(state.workers[who].level for who in gone)
    asked = {
        level: max(
            Fraction(target * state.census_levels[level], state.census_levels.total()) - (heads[level] - left[level])
            - Fraction(risen[level]),
            Fraction(0),
        )
        for level in settings.levels
    }  # fmt: skip
    return asked if sum(asked.values()) else {level: Fraction(state.census_levels[level]) for level in settings.levels}


def sainte_lague(weights: Mapping[int, Fraction], seats: int) -> Counter[int]:
    """Seat by seat to the level with the largest weight / (2 x seats so far + 1), ties to the lower one."""
    won: Counter[int] = Counter()
    for _ in range(seats):
        won[max(weights, key=lambda level: (weights[level] / (2 * won[level] + 1), -level))] += 1
    return won


def hires(state: State, settings: Settings, gone: Happenings) -> tuple[dict[str, Worker], Happenings]:
    """The year's hires, and what happens to them: the hire, and the exit of those who leave in the same year."""
    exits = sum(happening.category != "reduction" for (happening,) in gone.values())
    target, count, leave, _ = headcount(settings, len(state.workers), exits)
    seats = sainte_lague(level_weights(state, settings, gone, target), count)
    people: dict[str, Worker] = {}
    found: Happenings = {}
    for level in settings.levels:
        for slot in range(1, seats[level] + 1):
            worker = hired(settings, level, f"NH_{settings.year}_{level}_{slot:06d}")
            people[worker.who] = worker
            details = {
                "birth_date": str(worker.birth),
                "scheduled_hours_per_week": f"{float(worker.hours_per_week):.2f}",
                "slot": slot,
            }
            found[worker.who] = [Happening("hire", "new_hire", worker.hired, details=details)]
    rates = {who: float((settings.end - worker.hired).days + 1) for who, worker in people.items()}
    luck = {who: settings.u(who, "new_hire_exit_clock") for who in people}
    clocks = {who: clock(luck[who], rates[who]) for who in people}
    order = sorted(people, key=lambda who: (clocks[who], luck[who], draws.identity_key(who)))
    if settings.workforce["selection"] == "exact":
        scale = solved_scale(list(rates.values()), leave)
    else:
        share = settings.workforce["new_hire_termination_rate_millionths"]
        scale = solved_scale(list(rates.values()), len(people) * share / MILLION)
        leave = sum(value < scale for value in clocks.values())
    for who in order[:leave]:
        worker = people[who]
        worker.exit = worker.hired + timedelta(days=floor(settings.u(who, "new_hire_exit_day") * rates[who]))
        found[who].append(exit_of(worker, "new_hire", leaves_by(scale, rates[who])))
    return people, found


def hired(settings: Settings, level: int, who: str) -> Worker:
    """A slot's hire date, age, birthday, pay and hours."""
    day = settings.day_of_the_year(who, "hire_day")
    ages = sorted(settings.tables["scenario_hire_ages"], key=lambda row: int(row["age_min"]))
    band = end_to_end(ages, settings.u(who, "hire_age_band"))
    years = uniform(band["age_min"], band["age_max"] - 1, settings.u(who, "hire_age"))
    latest = last_birth_date(years, day)
    range_of_days = (latest - last_birth_date(years + 1, day)).days
    birth = latest - timedelta(days=floor(settings.u(who, "hire_birthday") * range_of_days))
    row = settings.levels[level]
    middle, spread = row["hire_percentile_millionths"], row["hire_percentile_spread_millionths"]
    place = min(max(uniform(middle - spread, middle + spread, settings.u(who, "hire_pay")), 0), MILLION)
    pay = row["min_pay_cents"] + half_up(Fraction((row["max_pay_cents"] - row["min_pay_cents"]) * place, MILLION))
    common = settings.workforce
    part_time = floor(settings.u(who, "hire_part_time") * MILLION) < common["part_time_share_millionths"]
    hours = common["part_time_hours"] if part_time else common["full_time_hours"]
    return Worker(who, birth, day, day, level, pay, Fraction(hours), is_new=True)


def last_birth_date(years: int, day: date) -> date:
    """The latest birth date of somebody who is so old on a day."""
    guess = date(day.year - years, day.month, 1) + timedelta(days=day.day + 1)
    while completed_years(guess, day) < years:
        guess -= timedelta(days=1)
    return guess


# --- promotions ------------------------------------------------------------------------------------------------------


def promotions(workers: Mapping[str, Worker], settings: Settings, day: date) -> Happenings:
    """Who is active on the promotion date, below the top, and lucky."""
    found: Happenings = {}
    pick: Callable[[str], Any] = settings.workforce.__getitem__
    for who, worker in workers.items():
        up = settings.above(worker.level)
        if up is None or not worker.active_on(day):
            continue
        chance = promotion_probability(settings, worker)
        if settings.u(who, "promotion") < chance:
            row = settings.levels[worker.level]
            low, high = row["promotion_raise_min_millionths"], row["promotion_raise_max_millionths"]
            due = min(uniform(low, high, settings.u(who, "promotion_raise")), pick("promotion_raise_cap_millionths"))
            found[who] = [
                Happening("promotion", "promotion", day, float(chance), {"raise": rate_text(due)}, raise_by=due, level=up)
            ]
    return found
