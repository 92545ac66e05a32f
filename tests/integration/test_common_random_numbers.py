"""Two scenarios differ only where a setting acts, person by person; two seeds differ everywhere.

Where the expectations come from: the promise in docs/methodology.md, Randomness. Nothing here needs a number
from a run but how often two seeds agree, which is compared with how often they would by chance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from math import log
from typing import Any

import pytest

from tests.harness import Simulation, simulation
from tests.integration.companies import FIXED_MIX, company, study
from tests.twins.draws import draw, identity_key

YEARS = range(2025, 2028)
SEEDS = ONE, OTHER = 42, 43

FREE = {"selection": "bernoulli", "termination_rate": "hazard"}


# Everybody is enrolled automatically, but for a fifth; rates rise on 1 December, and two in five decline that.
ENROLLING = {
    "auto_enrollment": {
        "scope": "all_eligible",
        "opt_out": {"age": [{"min": 0, "rate": 0.2}], "pay": [{"min": 0, "multiplier": 1}]},
        "active_choice_share": 0.3,
    },
    "escalation": {"month": 12, "delay_months": 0, "opt_out": 0.4},
}

SCENARIOS: dict[str, Any] = {
    "baseline": {},
    "same": {"workforce": {"growth": {2025: 0.03, 2027: 0.03}, "termination_rate": 0.12}, "compensation": {"cola": 0.003}},
    "faster": {"workforce": {"growth": 0.08}},
    "churning": {"workforce": {"termination_rate": 0.16}},
    "free": {"workforce": FREE},
    "free_faster": {"workforce": {**FREE, "growth": 0.08}},
    "upheaval": {
        "workforce": {"termination_rate": 1, "new_hire_termination_rate": 0.5},
        "hazards": {"promotion": {"base": 0.5}},
    },
    "enrolling": {"plan": ENROLLING},
    "choosing": {
        "plan": {
            "eligibility": {"service_months": 12},
            "auto_enrollment": {"enabled": False},
            "voluntary": {"later_enrollment": 0.6},
            "changes": {"up_share": 0.3, "down_share": 0.2, "stop_share": 0.4},
            "match": {"student_loans": {"enabled": True, "share": 0.5}},
        },
    },
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("common_random_numbers")
    census = company(folder / "census.parquet", 2_000)
    hiring = {"hiring": {"level_mix": FIXED_MIX}}
    mapping = study(census, SCENARIOS, years=len(YEARS), seeds=SEEDS, groups=["level_id"], defaults=hiring)
    return simulation(folder, mapping).run()


def world(scenario: str, seed: int) -> int:
    return 1 + 2 * list(SCENARIOS).index(scenario) + SEEDS.index(seed)


def first_year(simulated: Simulation, table: str, columns: str, scenario: str) -> dict[str, tuple[Any, ...]]:
    """By employee, what a table of the first year says in the world of a scenario and seed 42."""
    rows = simulated.query(
        f"select employee_id, {columns} from {table} where world_id = ? and simulation_year = ?",
        [world(scenario, ONE), YEARS[0]],
    )
    return {employee: tuple(values) for employee, *values in rows}


# --- two scenarios -------------------------------------------------------------------------------------------------


def test_a_scenario_equal_to_the_baseline_differs_in_nothing(simulated: Simulation) -> None:
    """Every table with a row a world or a scenario, published or not, over all years; names and ids of events aside."""
    compared = 0
    with simulated.connect() as connection:
        for relation in simulated.project.dbt.relations.values():
            if relation.from_prior_year or not {"world_id", "scenario_id"} & relation.columns.keys():
                continue
            names = {"world_id", "scenario_id", "event_id"}
            columns = ", ".join(name for name in relation.columns if name not in names)
            by_world = "world_id" in relation.columns
            rows = f"select {columns} from {relation.asset} where {'world_id' if by_world else 'scenario_id'}"
            difference = connection.execute(
                f"""
                with baseline as ({rows} = $baseline), same as ({rows} = $same)
                select
                    (select count(*) from baseline),
                    (select count(*) from (from baseline except all from same)),
                    (select count(*) from (from same except all from baseline))
                """,
                {name: world(name, ONE) if by_world else name for name in ("baseline", "same")},
            ).fetchone()
            assert difference is not None
            assert difference[1:] == (0, 0), relation.asset
            compared += difference[0] > 0
    assert compared >= 30


def test_higher_growth_keeps_every_hire_of_the_first_year(simulated: Simulation) -> None:
    columns = "level_id, hire_date, birth_date, annual_compensation_cents, scheduled_hours_per_week"
    baseline, faster = (first_year(simulated, "int_hiring_events", columns, name) for name in ("baseline", "faster"))
    assert len(baseline) == 375  # (2,060 - 1,760) / .8
    assert len(faster) == 500  # (2,160 - 1,760) / .8
    assert {employee: faster[employee] for employee in baseline} == baseline


def test_exits_that_flip_through_the_quota_are_counted_and_go_one_way(
    simulated: Simulation, record_property: Callable[[str, object], None]
) -> None:
    """Of the people in both worlds, a quota moves only whoever is at its edge: all in, or all out, never some of each."""
    kinds = {
        "int_opening_workforce": "int_termination_events",
        "int_hiring_events": "int_new_hire_termination_events",
    }
    flips = {}
    for year in YEARS:
        for people, exits in kinds.items():
            only_baseline, only_faster, both = simulated.query(
                f"""
                with exits as (from {exits} where simulation_year = $year),
                people as (select employee_id, world_id from {people} where simulation_year = $year)
                select
                    count(*) filter (a.employee_id is not null and b.employee_id is null),
                    count(*) filter (a.employee_id is null and b.employee_id is not null),
                    count(*) filter (a.employee_id is not null and b.employee_id is not null)
                from people as here
                inner join people as there on here.employee_id = there.employee_id and there.world_id = $faster
                left join exits as a on a.employee_id = here.employee_id and a.world_id = $baseline
                left join exits as b on b.employee_id = here.employee_id and b.world_id = $faster
                where here.world_id = $baseline
                """,
                {"year": year, "baseline": world("baseline", ONE), "faster": world("faster", ONE)},
            )[0]
            assert min(only_baseline, only_faster) == 0
            assert both > 5 * (only_baseline + only_faster)
            flips[f"{year} {people}"] = {"baseline only": only_baseline, "faster only": only_faster, "both": both}
    record_property("flips", flips)
    print(*(f"{where}: {counts}" for where, counts in flips.items()), sep="\n")
    assert flips["2025 int_opening_workforce"] == {"baseline only": 0, "faster only": 0, "both": 240}
    assert sum(counts["baseline only"] + counts["faster only"] for counts in flips.values()) > 0


def test_whoever_stays_in_both_scenarios_is_the_same_in_both(simulated: Simulation) -> None:
    """Level, pay, every raise and promotion: growth decides how many are hired, and acts on nobody else."""
    for other in ("faster", "churning"):
        people, different = simulated.query(
            """
            with stayers as (
                select
                    scenario_id, simulation_year, employee_id,
                    {
                        'born': birth_date, 'hired': hire_date, 'status': detailed_status, 'level': level_id,
                        'rate': annual_compensation, 'paid': paid_compensation
                    } as state
                from fct_workforce_snapshot where seed = $seed and employment_status = 'active'
            )
            select count(*), count(*) filter (here.state is distinct from there.state)
            from stayers as here inner join stayers as there using (simulation_year, employee_id)
            where here.scenario_id = 'baseline' and there.scenario_id = $other
            """,
            {"seed": ONE, "other": other},
        )[0]
        assert people > 4_000
        assert different == 0


def test_a_higher_termination_rate_removes_a_superset_on_the_same_days(simulated: Simulation) -> None:
    columns = "termination_date, exit_category"
    baseline, churning = (
        first_year(simulated, "int_termination_events", columns, name) for name in ("baseline", "churning")
    )
    assert (len(baseline), len(churning)) == (240, 320)
    assert {employee: churning[employee] for employee in baseline} == baseline


def test_when_the_hazards_decide_growth_changes_no_exit_of_the_opening_workforce(simulated: Simulation) -> None:
    """`bernoulli` with `hazard` couples nobody: of the people in both openings, the same ones leave, on the same days."""
    for year in YEARS:
        people, exits, different = simulated.query(
            """
            with exits as (from int_termination_events where simulation_year = $year),
            people as (select employee_id, world_id from int_opening_workforce where simulation_year = $year)
            select
                count(*), count(a.employee_id),
                count(*) filter (
                    (a.termination_date, a.exit_category, a.event_probability)
                    is distinct from (b.termination_date, b.exit_category, b.event_probability)
                )
            from people as here
            inner join people as there on here.employee_id = there.employee_id and there.world_id = $faster
            left join exits as a on a.employee_id = here.employee_id and a.world_id = $free
            left join exits as b on b.employee_id = here.employee_id and b.world_id = $faster
            where here.world_id = $free
            """,
            {"year": year, "free": world("free", ONE), "faster": world("free_faster", ONE)},
        )[0]
        assert people > 1_900
        assert exits > 100
        assert different == 0
    hires = simulated.query("select world_id, count(*) from int_hiring_events group by all")
    assert dict(hires)[world("free_faster", ONE)] > dict(hires)[world("free", ONE)] + 200


# --- two seeds -----------------------------------------------------------------------------------------------------

Pairs = list[tuple[Any, Any]]


def pairs(simulated: Simulation, table: str, outcome: str, scenario: str = "baseline", where: str = "true") -> Pairs:
    """What happened with one seed and with the other to whoever is in the table of the first year with both."""
    return simulated.query(
        f"""
        with rows as (
            select world_id, employee_id, {outcome} as outcome from {table} where simulation_year = {YEARS[0]} and {where}
        )
        select a.outcome, b.outcome from rows as a inner join rows as b using (employee_id)
        where a.world_id = {world(scenario, ONE)} and b.world_id = {world(scenario, OTHER)}
        order by employee_id
        """
    )


def chosen_pairs(simulated: Simulation, people: str, chosen: str, scenario: str = "baseline") -> Pairs:
    """Whether one seed and the other chose somebody of `people`."""
    everyone, picked = (
        simulated.query(f"select world_id, employee_id from ({sql}) where simulation_year = {YEARS[0]}")
        for sql in (people, f"from {chosen}")
    )
    here, there, picked_pairs = world(scenario, ONE), world(scenario, OTHER), set(picked)
    in_both = {who for where, who in everyone if where == here} & {who for where, who in everyone if where == there}
    return [((here, who) in picked_pairs, (there, who) in picked_pairs) for who in sorted(in_both)]


def exit_cause(simulated: Simulation) -> Pairs:
    """Of those of 62 and older, for whom either cause is likely."""
    born = "employee_id in (select employee_id from int_active_workforce where age_on_january_1 >= 62)"
    return pairs(simulated, "int_termination_events", "exit_category", "upheaval", born)


def hire_age(simulated: Simulation, band_wanted: bool) -> Pairs:
    """The age band of a hire, or the age of the hires whose band is the same with both seeds."""
    ages = pairs(simulated, "int_hiring_events", "date_sub('year', birth_date, hire_date)")
    bands = [tuple(sum(age >= low for low in (25, 35, 45, 55, 65)) for age in pair) for pair in ages]
    return bands if band_wanted else [pair for pair, band in zip(ages, bands, strict=True) if len(set(band)) == 1]  # type: ignore[return-value]


def new_hire_exits(simulated: Simulation) -> Pairs:
    """Who leaves of one seed's hires, by that seed's clocks and by the other's: the days left are the same."""
    hires = {
        employee: (date(YEARS[0], 12, 31) - hired).days + 1
        for employee, (hired,) in first_year(simulated, "int_hiring_events", "hire_date", "baseline").items()
    }
    left = set(first_year(simulated, "int_new_hire_termination_events", "1", "baseline"))

    def first_to_leave(seed: int) -> set[str]:
        def clock(employee: str) -> float:
            return -log(1 - draw(identity_key(employee), seed, "new_hire_exit_clock", YEARS[0])) / hires[employee]

        return set(sorted(hires, key=clock)[: len(left)])

    assert first_to_leave(ONE) == left
    left_by_other = first_to_leave(OTHER)
    return [(employee in left, employee in left_by_other) for employee in hires]


#: Whoever contributes on 1 January, and is there until 31 December.
CONTRIBUTORS = """
    from int_opening_workforce anti join int_termination_events using (world_id, employee_id, simulation_year)
    where deferral_rate_millionths > 0
"""
DECISIONS = "int_enrollment_decisions"

#: Decisions of people of the census, who have been eligible, or who become it.
OF_THE_CENSUS = """(
    from int_enrollment_decisions inner join int_plan_eligibility using (world_id, employee_id, simulation_year)
    where not starts_with(employee_id, 'NH_')
)"""


#: What each stream decides, for people of whom the other streams leave it to decide.
OUTCOMES: dict[str, Callable[[Simulation], Pairs]] = {
    "exit_clock": lambda s: chosen_pairs(s, "from int_opening_workforce", "int_termination_events"),
    "exit_cause": exit_cause,
    "exit_day": lambda s: pairs(s, "int_termination_events", "termination_date", "upheaval"),
    "hire_day": lambda s: pairs(s, "int_hiring_events", "hire_date"),
    "hire_age_band": lambda s: hire_age(s, band_wanted=True),
    "hire_age": lambda s: hire_age(s, band_wanted=False),
    "hire_birthday": lambda s: pairs(
        s, "int_hiring_events", "hire_date - cast(birth_date + to_years(date_sub('year', birth_date, hire_date)) as date)"
    ),
    "hire_pay": lambda s: pairs(s, "int_hiring_events", "annual_compensation_cents"),
    "hire_part_time": lambda s: pairs(s, "int_hiring_events", "scheduled_hours_per_week"),
    "new_hire_exit_clock": new_hire_exits,
    # In 25ths of the days left, because the hire date itself differs.
    "new_hire_exit_day": lambda s: pairs(
        s,
        "(from int_new_hire_termination_events inner join int_hiring_events using (world_id, employee_id, simulation_year))",
        "25 * (termination_date - hire_date) // (date '2025-12-31' - hire_date + 1)",
        "upheaval",
        "hire_date < date '2025-10-01'",
    ),
    "promotion": lambda s: chosen_pairs(
        s, "from int_opening_workforce anti join int_termination_events using (world_id, employee_id, simulation_year)",
        "int_promotion_events",
    ),
    "promotion_raise": lambda s: pairs(s, "int_promotion_events", "raise_millionths", "upheaval"),
    "merit_month": lambda s: pairs(s, "int_raise_events", "effective_date", where="raise_type = 'merit_raise'"),
    "opt_out": lambda s: pairs(
        s, DECISIONS, "decision = 'opt_out'", "enrolling", "decision in ('opt_out', 'active_choice', 'auto')"
    ),
    "active_choice": lambda s: pairs(s, DECISIONS, "decision", "enrolling", "decision in ('active_choice', 'auto')"),
    "voluntary_entry": lambda s: pairs(s, OF_THE_CENSUS, "decision", "choosing", "eligibility_reason = 'service'"),
    "later_enrollment": lambda s: pairs(s, OF_THE_CENSUS, "decision", "choosing", "eligibility_reason = 'census'"),
    "later_day": lambda s: pairs(s, DECISIONS, "decision_date", "choosing", "decision = 'later'"),
    "deferral_spread": lambda s: pairs(s, DECISIONS, "deferral_rate_millionths", "choosing", "decision = 'later'"),
    "own_change": lambda s: chosen_pairs(
        s, CONTRIBUTORS, "int_deferral_changes where event_type = 'deferral_change'", "choosing"
    ),
    "own_change_day": lambda s: pairs(
        s, "int_deferral_changes", "effective_date", "choosing", "event_type = 'deferral_change'"
    ),
    "stop": lambda s: chosen_pairs(s, CONTRIBUTORS, "int_deferral_changes where event_category = 'stop'", "choosing"),
    "stop_day": lambda s: pairs(s, "int_deferral_changes", "effective_date", "choosing", "event_category = 'stop'"),
    "escalation_opt_out": lambda s: pairs(
        s, "int_deferral_changes", "event_type", "enrolling", "event_category = 'escalation'"
    ),
    "group": lambda s: s.query(
        f"""
        select a.level_id, b.level_id
        from person_groups as a inner join person_groups as b using (simulation_year, employee_id)
        where simulation_year = {YEARS[0]} and a.seed = {ONE} and b.seed = {OTHER} and starts_with(employee_id, 'NH_')
        order by employee_id
        """
    ),
    "student_loan": lambda s: pairs(s, "int_employee_contributions", "student_loan_cents > 0", "choosing"),
}  # fmt: skip


def test_every_stream_of_draws_has_an_outcome_here(simulated: Simulation) -> None:
    streams = simulated.project.dbt.manifest["macros"]["macro.planwise.streams"]["macro_sql"]
    assert set(re.findall(r"'(\w+)': \{'lasting'", streams)) == OUTCOMES.keys()


@pytest.mark.parametrize("stream", OUTCOMES)
def test_another_seed_changes_the_stream(
    stream: str, simulated: Simulation, record_property: Callable[[str, object], None]
) -> None:
    """Two seeds differ nearly as often as two strangers would: 70 % of it, because people differ in their chances."""
    outcomes = OUTCOMES[stream](simulated)
    one, other = Counter(a for a, _ in outcomes), Counter(b for _, b in outcomes)
    by_chance = 1 - sum(one[value] * other[value] for value in one) / len(outcomes) ** 2
    different = sum(a != b for a, b in outcomes) / len(outcomes)
    record_property("pairs, different, by chance", (len(outcomes), round(different, 3), round(by_chance, 3)))
    print(f"{stream}: {different:.1%} of {len(outcomes)} differ; by chance {by_chance:.1%}")
    assert len(outcomes) >= 90
    assert by_chance > 0.05
    assert different > 0.7 * by_chance
