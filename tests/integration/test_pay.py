"""Pay to the cent: compounding in date order, days paid, and a second opinion on everyone's year.

Where the expected numbers come from: the issue's own figure (100,000 with +4.5 % on 1 April 2025 pays 103,390.41); sums
worked by hand, shown beside each; and `tests/oracle/pay_oracle.py`, which shares no code with the product.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation, census_file, simulation
from tests.integration.five_years import CAP_CENTS, SCENARIOS, YEARS, census_people, five_years
from tests.oracle import pay_oracle
from tests.twins import draws

__all__ = ["five_years"]

NOBODY_MOVES = {"growth": 0, "termination_rate": 0}
NO_PROMOTION = {"promotion": {"base": 0}}
EVERYONE_RISES = {"promotion": {"base": 1}}
NO_RAISE = {"cola": 0, "merit_months": {4: 1}}
ODD_RATES = {
    "merit_rate": 0.0313,
    "promotion_raise_min": 0.0837,
    "promotion_raise_max": 0.0837,
    "bands": [
        {"level_id": 1, "name": "Staff", "min_pay": 30_000, "max_pay": 65_000},
        {"level_id": 2, "name": "Professional", "min_pay": 65_000, "max_pay": 100_000, "merit_rate": 0.0626},
        {"level_id": 3, "name": "Manager", "min_pay": 100_000, "max_pay": 150_000},
    ],
}


def raises(merit_month: int, promotion_month: int, **others: Any) -> dict[str, Any]:
    """A scenario in which nobody moves, everyone gets a COLA of 2.17 %, merit and a promotion."""
    return {
        "workforce": NOBODY_MOVES,
        "hazards": EVERYONE_RISES,
        "levels": ODD_RATES,
        "compensation": {
            "cola": 0.0217,
            "merit_months": {merit_month: 1},
            "promotion_date": {"month": promotion_month, "day": 1},
            **others,
        },
    }


HAND_SCENARIOS: dict[str, Any] = {
    "april": {
        "workforce": NOBODY_MOVES,
        "hazards": NO_PROMOTION,
        "levels": {"merit_rate": 0.045},
        "compensation": NO_RAISE,
    },
    "same_day": raises(merit_month=4, promotion_month=4),
    "merit_first": raises(merit_month=2, promotion_month=3),
    "promotion_first": raises(merit_month=4, promotion_month=3),
    "new_year": raises(merit_month=1, promotion_month=1),
    "capped": raises(merit_month=2, promotion_month=3, annual_compensation_cap=47_000),
    "turnover": {
        "workforce": {"growth": 0.1, "termination_rate": 0.4, "new_hire_termination_rate": 0.4},
        "hazards": NO_PROMOTION,
        "levels": {"merit_rate": 0},
        "compensation": NO_RAISE,
    },
}
ROUND, ODD, RECENT = "ROUND", "ODD", "RECENT"


def hand_census(year: int) -> list[dict[str, Any]]:
    """Three people for the sums by hand, and 300 who come and go in `turnover`."""
    born, here = "1980-05-05", "2015-06-15"
    people: list[dict[str, Any]] = [
        {"employee_id": ROUND, "birth_date": born, "hire_date": here, "annual_compensation": "100000.00", "level_id": 3},
        {"employee_id": ODD, "birth_date": born, "hire_date": here, "annual_compensation": "45000.70", "level_id": 1},
        # Four months of service on 1 April: no merit raise below six.
        {
            "employee_id": RECENT,
            "birth_date": born,
            "hire_date": f"{year - 1}-12-01",
            "annual_compensation": "50000.00",
            "level_id": 1,
        },
    ]
    crowd = ({**person, "level_id": min(int(person["level_id"]), 3)} for person in census_people()[:300])
    return [*people, *crowd]


@pytest.fixture(scope="module", params=[2025, 2028])
def by_hand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Simulation]:
    """One year, once with 365 and once with 366 days."""
    year: int = request.param
    folder = tmp_path_factory.mktemp(f"by_hand_{year}")
    census = census_file(folder, hand_census(year))
    study = {
        "study": "by_hand",
        "census": str(census),
        "years": {"start": year, "end": year},
        "seeds": [3],
        "scenarios": HAND_SCENARIOS,
    }
    return year, simulation(folder, study).run()


def person_year(run: Simulation, scenario: str, employee_id: str) -> tuple[Decimal, Decimal, list[tuple[Any, ...]]]:
    """Rate at year end, pay of the year, and the events of workforce and pay as (type, date, pay before, pay after)."""
    ((rate, paid),) = run.query(
        """
        select annual_compensation, paid_compensation from fct_workforce_snapshot
        where scenario_id = $1 and employee_id = $2
        """,
        [scenario, employee_id],
    )
    events = run.query(
        """
        select event_type, effective_date, compensation_before, compensation_after from fct_yearly_events
        where scenario_id = $1 and employee_id = $2 and event_type in $3 order by event_sequence
        """,
        [scenario, employee_id, list(pay_oracle.SAME_DAY)],
    )
    return rate, paid, events


def test_100000_with_four_and_a_half_percent_in_april(by_hand: tuple[int, Simulation]) -> None:
    """90 days at 100,000 (24,657.53) + 275 at 104,500 (78,732.88); in a leap year 91 (24,863.39) + 275 (78,517.76)."""
    year, run = by_hand
    rate, paid, events = person_year(run, "april", ROUND)
    assert rate == Decimal("104500.00")
    assert paid == {2025: Decimal("103390.41"), 2028: Decimal("103381.15")}[year]
    assert events == [("merit_raise", date(year, 4, 1), Decimal("100000.00"), Decimal("104500.00"))]


def test_no_merit_raise_without_the_service(by_hand: tuple[int, Simulation]) -> None:
    _, run = by_hand
    assert person_year(run, "april", RECENT) == (Decimal("50000.00"), Decimal("50000.00"), [])


# 45,000.70 with +2.17 % is 45,977.22 (45,977.21519). COLA, merit 3.13 %, promotion 8.37 %: 45,977.22 -> 47,416.31 ->
# 51,385.06. In any other order these three end at 51,385.05 or 51,385.04: the cents tell the order. A merit raise after the
# promotion is that of level 2, 6.26 %: 45,977.22 -> 49,825.51 -> 52,944.59. Paid: rate x days / days of the year, each
# stretch to the cent; below as days at rate: paid in 2025 (in 2028).
BY_HAND = {
    # 90 (91) at 45,977.22: 11,336.85 (11,431.49); 275 at 51,385.06: 38,714.77 (38,608.99)
    "same_day": ("c1-1 m4-1 p4-1", "47416.31", "51385.06", {2025: "50051.62", 2028: "50040.48"}),
    # 31 at 45,977.22: 3,904.91 (3,894.25); 28 (29) at 47,416.31: 3,637.42 (3,757.03);
    # 306 at 51,385.06: 43,078.98 (42,961.28)
    "merit_first": ("c1-1 m2-1 p3-1", "47416.31", "51385.06", {2025: "50621.31", 2028: "50612.56"}),
    # 59 (60) at 45,977.22: 7,431.93 (7,537.25); 31 at 49,825.51: 4,231.76 (4,220.19);
    # 275 at 52,944.59: 39,889.76 (39,780.77)
    "promotion_first": ("c1-1 p3-1 m4-1", "49825.51", "52944.59", {2025: "51553.45", 2028: "51538.21"}),
    # All on 1 January: every day is paid at the last rate.
    "new_year": ("c1-1 m1-1 p1-1", "47416.31", "51385.06", {2025: "51385.06", 2028: "51385.06"}),
}
LETTERS = {"c": "cola", "m": "merit_raise", "p": "promotion"}


@pytest.mark.parametrize("scenario", BY_HAND)
def test_raises_compound_in_date_order_and_on_one_day_as_cola_merit_promotion(
    by_hand: tuple[int, Simulation], scenario: str
) -> None:
    year, run = by_hand
    order, second, last, paid_in = BY_HAND[scenario]
    rate, paid, events = person_year(run, scenario, ODD)
    rates = [Decimal(value) for value in ("45000.70", "45977.22", second, last)]
    assert [event[0] for event in events] == [LETTERS[step[0]] for step in order.split()]
    assert [event[1] for event in events] == [date(year, *map(int, step[1:].split("-"))) for step in order.split()]
    assert [event[2:] for event in events] == list(pairwise(rates))
    assert (rate, paid) == (Decimal(last), Decimal(paid_in[year]))


def test_the_pay_cap_cuts_a_raise_and_lowers_nobody(by_hand: tuple[int, Simulation]) -> None:
    """Cap 47,000: 45,000.70 -> 45,977.22 -> 47,000 (47,416.31 is due) -> 47,000. 100,000 stays 100,000."""
    _, run = by_hand
    rate, _, events = person_year(run, "capped", ODD)
    assert [event[3] for event in events] == [Decimal(value) for value in ("45977.22", "47000.00", "47000.00")]
    assert rate == Decimal("47000.00")
    assert person_year(run, "capped", ROUND)[0] == Decimal("100000.00")


def test_leavers_and_hires_are_paid_their_days(by_hand: tuple[int, Simulation]) -> None:
    """Without raises, pay is rate x days employed / days of the year: both ends are paid, nothing outside them."""
    year, run = by_hand
    people = run.query(
        """
        select detailed_status, greatest(hire_date, make_date(simulation_year, 1, 1)), termination_date,
            annual_compensation, paid_compensation
        from fct_workforce_snapshot where scenario_id = 'turnover'
        """
    )
    days_in_year = 366 if calendar.isleap(year) else 365
    for _, first, last, rate, paid in people:
        days = ((last or date(year, 12, 31)) - first).days + 1
        assert paid * 100 == pay_oracle.rounded(Fraction(rate * 100) * days / days_in_year)
    met = Counter(status for status, *_ in people)
    # 303 people, +10 %: target 333; 121 leave (floor of 121.2); 151 are needed, 252 hired (151 / .6), 101 of them leave.
    assert met == {
        "continuous_active": 182,
        "experienced_termination": 121,
        "new_hire_active": 151,
        "new_hire_termination": 101,
    }


# The second opinion: 500 people, five years, six worlds.


def census_of_the_oracle() -> dict[str, pay_oracle.Person]:
    return {
        row["employee_id"]: pay_oracle.Person(
            birth_date=date.fromisoformat(row["birth_date"]),
            hire_date=date.fromisoformat(row["hire_date"]),
            service_date=date.fromisoformat(row["service_date"]),
            level_id=int(row["level_id"]),
            rate_cents=int(Decimal(row["annual_compensation"]) * 100),
        )
        for row in census_people()
    }


@pytest.fixture(scope="module")
def oracle_rows(five_years: Simulation) -> list[tuple[Any, ...]]:
    """(scenario, seed, year, employee, *YearEnd) for everyone, from the census and fct_yearly_events alone, sorted."""
    events: dict[tuple[str, int], dict[int, list[pay_oracle.Event]]] = defaultdict(lambda: defaultdict(list))
    for scenario, seed, year, employee_id, kind, day, level, pay, details in five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, event_type, effective_date, level_after,
            compensation_after, event_details
        from fct_yearly_events order by hash(event_id)
        """
    ):
        hire_pay = int(pay * 100) if kind == "hire" else None
        events[scenario, seed][year].append(pay_oracle.Event(employee_id, kind, day, level, hire_pay, details))
    rows = [
        (scenario, seed, year, employee_id, *state)
        for (scenario, seed), by_year in events.items()
        for year, employee_id, state in pay_oracle.replay(census_of_the_oracle(), by_year, CAP_CENTS.get(scenario))
    ]
    return sorted(rows, key=lambda row: row[:4])


def test_the_oracle_agrees_to_the_cent_on_everyone(five_years: Simulation, oracle_rows: list[tuple[Any, ...]]) -> None:
    published = five_years.query(
        """
        select scenario_id, seed, simulation_year, employee_id, employment_status, detailed_status, birth_date, hire_date,
            termination_date, age_at_year_end, tenure_years_at_year_end, level_id,
            cast(annual_compensation * 100 as bigint), cast(paid_compensation * 100 as bigint)
        from fct_workforce_snapshot order by all
        """
    )
    differences = [pair for pair in zip(oracle_rows, published, strict=True) if pair[0] != pair[1]]
    assert differences == []
    # What it was tried on: 2028 has 29 February, new hires are in it, all six worlds, and people who stay all five years.
    assert {row[2] for row in published} == set(YEARS)
    assert len({row[:2] for row in published}) == 6
    assert {row[5] for row in published} == {
        "continuous_active",
        "experienced_termination",
        "new_hire_active",
        "new_hire_termination",
    }
    assert len(published) > 15_000


def test_the_sum_of_the_segments_is_the_payroll(five_years: Simulation, oracle_rows: list[tuple[Any, ...]]) -> None:
    """In every world and year, by three ways: the segments, the people, and the oracle's people."""
    payroll: Counter[tuple[str, int, int]] = Counter()
    for scenario, seed, year, *_, paid in oracle_rows:
        payroll[scenario, seed, year] += paid
    sums = """
        select scenario_id, seed, simulation_year, sum(paid_cents)::bigint as segments,
            (
                select sum(paid_compensation) * 100 from fct_workforce_snapshot as people
                where people.scenario_id = worlds.scenario_id and people.seed = worlds.seed
                    and people.simulation_year = worlds.simulation_year
            )::bigint as people
        from compensation_changes inner join stg_worlds as worlds using (world_id, simulation_year) group by all
    """
    rows = five_years.query(sums)
    assert len(rows) == 6 * len(YEARS)
    assert {(scenario, seed, year): (segments, people) for scenario, seed, year, segments, people in rows} == {
        world: (cents, cents) for world, cents in payroll.items()
    }


# The oracle follows the events that are there; these say which must be.


class Career(NamedTuple):
    """What decides somebody's raises in one year."""

    scenario: str
    seed: int
    year: int
    employee_id: str
    is_opening: bool
    hire_date: date
    service_date: date
    exit_date: date | None
    merit_date: date | None
    has_cola: bool


def test_everyone_who_is_due_a_raise_gets_it_and_nobody_else(five_years: Simulation) -> None:
    """COLA for the opening workforce where there is one; merit in the person's lasting month, with service, while there."""
    careers = [
        Career(*row)
        for row in five_years.query(
            """
            select world.scenario_id, world.seed, people.simulation_year, people.employee_id,
                people.opening_level_id is not null, people.hire_date, people.service_date, people.termination_date,
                max(events.effective_date) filter (event_type = 'merit_raise'), bool_or(coalesce(event_type = 'cola', false))
            from int_closing_workforce as people
            inner join stg_worlds as world using (world_id, simulation_year)
            left join fct_yearly_events as events using (scenario_id, seed, simulation_year, employee_id)
            group by all
            """
        )
    ]
    left_on_the_day = 0
    for person in careers:
        due = merit_day(person)
        service = 0 if person.scenario == "restless" else 6
        there = person.hire_date <= due and (person.exit_date is None or person.exit_date >= due)
        earned = there and completed_months(person.service_date, due) >= service
        has_cola_due = person.is_opening and not (person.scenario == "restless" and person.year == 2027)
        assert person.merit_date == (due if earned else None), person
        assert person.has_cola == has_cola_due, person
        left_on_the_day += earned and person.exit_date == due
    assert left_on_the_day > 0, "nobody left on the very day of a merit raise: the rule was not tried"


def merit_day(person: Career) -> date:
    """The month that the lasting draw picks from the weights: the shipped ones, or those of `restless`."""
    draw = draws.draw(draws.identity_key(person.employee_id), person.seed, "merit_month")
    months = SCENARIOS[person.scenario].get("compensation", {}).get("merit_months") or {2: 10, 3: 45, 4: 35, 7: 10}
    reached = 0
    for month, weight in months.items():
        reached += weight
        if Fraction(draw) < Fraction(reached, sum(months.values())):
            return date(person.year, month, 1)
    raise AssertionError("a draw is below 1")


def completed_months(start: date, first_of_month: date) -> int:
    """Completed months up to the first of a month, where only a start on the first completes that very month."""
    return (first_of_month.year - start.year) * 12 + first_of_month.month - start.month - (start.day > 1)


def test_the_oracle_counts_years_as_the_statutes_do() -> None:
    """The k-th anniversary counts; 29 February's is 28 February in a year without one."""
    assert pay_oracle.completed_years(date(2024, 2, 29), date(2025, 2, 28)) == 1
    assert pay_oracle.completed_years(date(2024, 2, 29), date(2025, 2, 27)) == 0
    assert pay_oracle.completed_years(date(2024, 2, 29), date(2028, 2, 28)) == 3
    assert pay_oracle.completed_years(date(2024, 2, 29), date(2028, 2, 29)) == 4
    assert pay_oracle.completed_years(date(2023, 3, 1), date(2024, 2, 29)) == 0


def test_the_oracle_tells_a_changed_cent() -> None:
    """The oracle does not merely agree: one cent more in a hire's pay, and it does not."""
    hire = pay_oracle.Event("NEW", "hire", date(2025, 7, 1), 1, 50_000_00, '{"birth_date":"1990-01-01"}')
    events = {2025: [hire], 2026: []}
    cent_more = {2025: [hire._replace(hire_pay_cents=50_000_01)], 2026: []}
    honest, other = (list(pay_oracle.replay({}, given)) for given in (events, cent_more))
    # 184 of 365 days of 50,000: 25,205.48 (25,205.4795).
    assert [row[2].paid_compensation_cents for row in honest] == [25_205_48, 50_000_00]
    assert honest != other
