"""No check that cannot fail: every dbt test after the hazards, rule by rule, reports a defect put into a real lake.

The lake is a simulated year that passes them all. A defect is one cell or one row changed in one file; the test named beside
it must report it, and under the rule named there. The list of tests and rules is read from dbt's manifest, so a new one
without a defect fails. Then the operations: what they publish is spoiled, the models after them are made from it as a run
would, and a named test must stop the year.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from planwise_assets.groups import GROUP_ORDER
from resources.dbt import DataTest
from resources.engine import TestResult as Outcome
from resources.engine import YearSession, quoted, read_parquet, run_models, run_tests
from tests.harness import SAMPLE_CENSUS, Simulation, census_file, simulation

YEAR = 2026
GROUPS = ("event_generation", "state_aggregation", "final_output")
AFTER_OPERATIONS = GROUPS[1:]

STUDY: dict[str, Any] = {
    "study": "defects",
    "years": {"start": 2025, "end": YEAR},
    "seeds": [11],
    "scenarios": {
        "baseline": {
            "hazards": {"promotion": {"base": 0.5}},
            "compensation": {"cola": 0.01, "merit_service_months": 0},
        },
        "loose": {"workforce": {"selection": "bernoulli", "termination_rate": "hazard"}},
    },
}


class Seeded(NamedTuple):
    """A defect: what is done to a file of the lake, and the test (with its rule) that must report it."""

    asset: str
    statement: str
    reported_by: str


def one(condition: str = "true") -> str:
    """The first row for which a condition holds."""
    return f"rowid = (select min(rowid) from this where {condition})"


def doubled(condition: str = "true") -> str:
    return f"insert into this select * from this where {one(condition)}"


def dropped(condition: str = "true") -> str:
    return f"delete from this where {one(condition)}"


def changed(change: str, condition: str = "true") -> str:
    return f"update this set {change} where {one(condition)}"


FIRST_DAY = "make_date(simulation_year, 1, 1)"
LAST_DAY = "make_date(simulation_year, 12, 31)"
NEXT_YEAR = "make_date(simulation_year + 1, 1, 5)"

# 2026 has 365 days.
A_CENT_MORE_PAID = "rate_cents = rate_cents + 1, paid_cents = (2 * (rate_cents + 1) * days + 365) // (2 * 365)"
A_CENT_MORE = "annual_compensation = annual_compensation + 0.01"
ALL = "level_id is null and method = 'all'"
WITH = "employee_id in (select employee_id from this where"
LEAVES = f"{WITH} event_type = 'termination' and month(effective_date) < 12)"
HAS_COLA = f"{WITH} event_type = 'cola')"

# Test to defects. A generic test is named `key(model)` or `holds(model): rule`, a singular one by its file.
DEFECTS: dict[str, list[tuple[str, str]]] = {
    # group event_generation
    "key(int_workforce_needs: world_id)": [("int_workforce_needs", doubled())],
    "holds(int_workforce_needs): everybody is in one hazard cell": [("int_workforce_needs", changed("exit_scale = null"))],
    "holds(int_workforce_needs): less than one exit is left over": [
        ("int_workforce_needs", changed("cumulative_experienced_exits = cumulative_experienced_exits - 1")),
        ("int_workforce_needs", changed("cumulative_expected_exits = cumulative_expected_exits - 1")),
    ],
    "holds(int_workforce_needs): no more exits than people": [
        ("int_workforce_needs", changed("experienced_exits = opening_headcount + 1", "experienced_exits is not null"))
    ],
    "holds(int_workforce_needs): the year closes at the target": [
        ("int_workforce_needs", changed("planned_hires = planned_hires + 1", "planned_hires is not null")),
        ("int_workforce_needs", changed("target_headcount = target_headcount - 1", "planned_hires is not null")),
    ],
    "key(int_termination_events: world_id, employee_id)": [("int_termination_events", doubled())],
    "holds(int_termination_events): the category is known": [
        ("int_termination_events", changed("exit_category = 'new_hire'")),
        ("int_termination_events", changed("exit_category = null")),
    ],
    "holds(int_termination_events): the exit is in the year": [
        ("int_termination_events", changed(f"termination_date = {NEXT_YEAR}"))
    ],
    "holds(int_termination_events): a probability": [
        ("int_termination_events", changed("event_probability = 1.000000000001")),
        ("int_termination_events", changed("event_probability = null")),
    ],
    "key(int_hiring_needs_by_level: world_id, level_id)": [("int_hiring_needs_by_level", doubled())],
    "holds(int_hiring_needs_by_level): counts are not negative": [
        ("int_hiring_needs_by_level", changed(f"{count} = -1"))
        for count in ("opening_headcount", "experienced_exits", "target_weight", "hires", "world_new_hire_exits")
    ],
    "holds(int_hiring_needs_by_level): no more exits than people": [
        ("int_hiring_needs_by_level", changed("experienced_exits = opening_headcount + 1"))
    ],
    "holds(int_hiring_needs_by_level): no more at a level than in the world": [
        ("int_hiring_needs_by_level", changed("hires = world_hires + 1"))
    ],
    "holds(int_hiring_needs_by_level): no more leave than are hired": [
        ("int_hiring_needs_by_level", changed("world_new_hire_exits = world_hires + 1"))
    ],
    "key(int_hiring_events: world_id, employee_id)": [("int_hiring_events", doubled())],
    "holds(int_hiring_events): the hire is in the year": [("int_hiring_events", changed(f"hire_date = {NEXT_YEAR}"))],
    "holds(int_hiring_events): the hire is of working age": [
        ("int_hiring_events", changed("birth_date = hire_date - interval 13 year"))
    ],
    "holds(int_hiring_events): the hire is paid": [("int_hiring_events", changed("annual_compensation_cents = 0"))],
    "holds(int_hiring_events): the hire has hours": [("int_hiring_events", changed("scheduled_hours_per_week = null"))],
    "key(int_new_hire_termination_events: world_id, employee_id)": [("int_new_hire_termination_events", doubled())],
    "holds(int_new_hire_termination_events): the exit is in the year": [
        ("int_new_hire_termination_events", changed(f"termination_date = {NEXT_YEAR}"))
    ],
    "holds(int_new_hire_termination_events): a probability": [
        ("int_new_hire_termination_events", changed("event_probability = 0"))
    ],
    "key(int_promotion_events: world_id, employee_id)": [("int_promotion_events", doubled())],
    "holds(int_promotion_events): the promotion is in the year": [
        ("int_promotion_events", changed(f"promotion_date = {NEXT_YEAR}"))
    ],
    "holds(int_promotion_events): the level changes": [
        ("int_promotion_events", changed("level_after = level_before")),
        ("int_promotion_events", changed("level_after = null")),
    ],
    "holds(int_promotion_events): the raise is not negative": [("int_promotion_events", changed("raise_millionths = -1"))],
    "holds(int_promotion_events): a probability": [("int_promotion_events", changed("event_probability = 0"))],
    "key(int_raise_events: world_id, employee_id, raise_type)": [("int_raise_events", doubled())],
    "holds(int_raise_events): the type is known": [("int_raise_events", changed("raise_type = 'promotion'"))],
    "holds(int_raise_events): the raise raises": [("int_raise_events", changed("raise_millionths = 0"))],
    "exact_selection_meets_the_plan": [
        ("int_termination_events", dropped("exit_category <> 'reduction'")),
        ("int_termination_events", changed("exit_category = 'reduction'", "exit_category <> 'reduction'")),
        ("int_hiring_events", dropped()),
        ("int_hiring_events", doubled()),
        ("int_new_hire_termination_events", dropped()),
        ("int_workforce_needs", changed("planned_reduction = 1", "planned_reduction = 0")),
    ],
    # group state_aggregation
    "key(int_closing_workforce: world_id, employee_id)": [("int_closing_workforce", doubled())],
    "holds(int_closing_workforce): tenure_is_not_negative": [
        ("int_closing_workforce", changed("tenure_years_at_year_end = -1"))
    ],
    "holds(int_closing_workforce): has_a_level": [("int_closing_workforce", changed("level_id = null"))],
    "holds(int_closing_workforce): exit_is_this_year": [
        ("int_closing_workforce", changed(f"termination_date = {NEXT_YEAR}", "termination_date is not null"))
    ],
    "holds(int_closing_workforce): exit_is_not_before_the_hire": [
        (
            "int_closing_workforce",
            changed(
                f"termination_date = {FIRST_DAY}",
                f"termination_date is not null and hire_date > {FIRST_DAY}",
            ),
        )
    ],
    "key(int_compensation_summary: world_id, employee_id)": [("int_compensation_summary", doubled())],
    "holds(int_compensation_summary): closing_rate_is_positive": [
        ("int_compensation_summary", changed("closing_rate_cents = 0")),
        ("int_compensation_summary", changed("closing_rate_cents = null")),
    ],
    "holds(int_compensation_summary): paid_for_a_year_at_most": [
        ("int_compensation_summary", changed("days_paid = 0")),
        ("int_compensation_summary", changed("days_paid = 367")),
    ],
    "operations_publish_every_decision": [
        ("int_closing_workforce", dropped()),
        ("int_closing_workforce", doubled()),
        ("workforce_events", dropped("event_type = 'termination'")),
        ("workforce_events", doubled("event_type = 'promotion'")),
        ("workforce_events", changed("level_after = level_after + 1", "event_type = 'hire'")),
        ("workforce_events", changed("effective_date = effective_date - 1", "month(effective_date) = 7")),
        ("workforce_events", changed("event_category = 'retirement'", "event_category = 'experienced'")),
        ("workforce_events", changed("annual_compensation_cents = annual_compensation_cents + 1", "event_type = 'hire'")),
        ("compensation_changes", dropped("opened_by = 'cola'")),
        ("compensation_changes", changed("raise_millionths = raise_millionths + 1", "opened_by = 'merit_raise'")),
        ("compensation_changes", changed("rate_cents = rate_cents + 1", "opened_by = 'opening'")),
    ],
    "pay_segments_tile_the_days_employed": [
        ("compensation_changes", changed("paid_cents = paid_cents + 1")),
        ("compensation_changes", changed("paid_cents = paid_cents - 1", "opened_by = 'hire'")),
        ("compensation_changes", changed("rate_cents = rate_cents + 1", "opened_by = 'merit_raise'")),
        # overlap, gap, and a segment past the exit
        ("compensation_changes", changed("segment_end = segment_end + 5, days = days + 5", "segment_number = 2")),
        ("compensation_changes", changed("segment_start = segment_start + 1, days = days - 1", "opened_by = 'merit_raise'")),
        ("compensation_changes", dropped("opened_by = 'opening'")),
        ("compensation_changes", dropped("opened_by = 'merit_raise'")),
        ("compensation_changes", doubled()),
        ("compensation_changes", changed("segment_number = segment_number + 1", "opened_by = 'cola'")),
        ("int_compensation_summary", changed("paid_cents = paid_cents + 1")),
        ("int_compensation_summary", dropped()),
        ("int_closing_workforce", changed("termination_date = termination_date - 1", "month(termination_date) = 9")),
        ("int_closing_workforce", changed("termination_date = null", "termination_date is not null")),
    ],
    # group final_output
    "key(fct_compensation_growth: scenario_id, seed, coalesce(level_id, 0), method)": [
        ("fct_compensation_growth", doubled("level_id is null")),
        ("fct_compensation_growth", doubled("level_id = 2")),
    ],
    "holds(fct_compensation_growth): known_method": [("fct_compensation_growth", changed("method = 'others'"))],
    "holds(fct_compensation_growth): average_where_people_are": [
        ("fct_compensation_growth", changed("headcount = 0", "headcount > 0")),
        ("fct_compensation_growth", changed("headcount = -1", "headcount = 0")),
    ],
    "holds(fct_compensation_growth): growth_where_both_averages_are": [
        ("fct_compensation_growth", changed("growth = null", "growth is not null"))
    ],
    "holds(fct_compensation_growth): growth_is_that_of_the_averages": [
        ("fct_compensation_growth", changed("growth = growth + 0.000002", "growth is not null"))
    ],
    "key(fct_workforce_snapshot: scenario_id, seed, employee_id)": [("fct_workforce_snapshot", doubled())],
    "holds(fct_workforce_snapshot): pay_is_positive": [
        ("fct_workforce_snapshot", changed("annual_compensation = 0")),
        ("fct_workforce_snapshot", changed("annual_compensation = null")),
    ],
    "holds(fct_workforce_snapshot): paid_is_not_negative": [
        ("fct_workforce_snapshot", changed("paid_compensation = -0.01"))
    ],
    "holds(fct_workforce_snapshot): status_follows_the_exit": [
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed("termination_date = null", "employment_status = 'terminated'")),
    ],
    "holds(fct_workforce_snapshot): detailed_status_follows_hire_and_exit": [
        ("fct_workforce_snapshot", changed("detailed_status = 'continuous_active'", f"year(hire_date) = {YEAR}"))
    ],
    "holds(fct_workforce_snapshot): nobody_is_hired_after_the_year": [
        ("fct_workforce_snapshot", changed(f"hire_date = {NEXT_YEAR}", "detailed_status = 'new_hire_active'"))
    ],
    "holds(fct_workforce_snapshot): has_a_level": [("fct_workforce_snapshot", changed("level_id = null"))],
    "key(fct_yearly_events: event_id)": [
        ("fct_yearly_events", doubled()),
        ("fct_yearly_events", changed("event_id = (select max(event_id) from this)")),
        ("fct_yearly_events", changed("event_id = null")),
    ],
    "key(fct_yearly_events: scenario_id, seed, employee_id, event_sequence)": [
        ("fct_yearly_events", doubled()),
        ("fct_yearly_events", changed("event_sequence = 1", "event_sequence = 2")),
    ],
    "holds(fct_yearly_events): known_event_type": [("fct_yearly_events", changed("event_type = 'raise'"))],
    "holds(fct_yearly_events): known_event_category": [("fct_yearly_events", changed("event_category = 'other'"))],
    "holds(fct_yearly_events): hire_begins_pay_and_level": [
        ("fct_yearly_events", changed("compensation_before = 1", "event_type = 'hire'")),
        ("fct_yearly_events", changed("level_before = null", "event_type = 'promotion'")),
    ],
    "holds(fct_yearly_events): exit_ends_pay_and_level": [
        ("fct_yearly_events", changed("compensation_after = compensation_before", "event_type = 'termination'")),
        ("fct_yearly_events", changed("level_after = null", "event_type = 'cola'")),
    ],
    "holds(fct_yearly_events): only_a_promotion_changes_the_level": [
        ("fct_yearly_events", changed("level_after = level_after + 1", "event_type = 'merit_raise'")),
        ("fct_yearly_events", changed("level_after = level_before", "event_type = 'promotion'")),
    ],
    "holds(fct_yearly_events): effective_in_the_year": [("fct_yearly_events", changed(f"effective_date = {NEXT_YEAR}"))],
    "holds(fct_yearly_events): uuid_version_5": [("fct_yearly_events", changed("event_id = uuid()"))],
    "closing_headcount_is_the_target": [
        ("fct_workforce_snapshot", dropped("employment_status = 'active'")),
        # a leaver who stays
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("int_workforce_needs", changed("target_headcount = target_headcount + 1", "experienced_exits is not null")),
    ],
    "events_follow_the_life_cycle": [
        # after the exit, before the hire, outside the year, of nobody, two of a kind, an exit that is not the last
        ("fct_yearly_events", changed(f"effective_date = {LAST_DAY}", f"event_type = 'cola' and {LEAVES}")),
        (
            "fct_yearly_events",
            changed(f"effective_date = {FIRST_DAY}", "event_category = 'new_hire' and level_after is null"),
        ),
        ("fct_yearly_events", changed(f"effective_date = {NEXT_YEAR}")),
        ("fct_yearly_events", changed("employee_id = 'NOBODY'")),
        ("fct_yearly_events", changed("event_type = 'cola'", f"event_type = 'merit_raise' and {HAS_COLA}")),
        ("fct_yearly_events", changed("event_sequence = 1", "event_type = 'termination' and event_sequence > 1")),
        ("fct_workforce_snapshot", dropped()),
    ],
    "every_change_has_exactly_one_event": [
        ("fct_yearly_events", dropped("event_type = 'merit_raise'")),
        ("fct_yearly_events", doubled("event_type = 'promotion'")),
        ("fct_yearly_events", changed("compensation_before = compensation_before + 0.01", "event_type = 'termination'")),
        ("fct_yearly_events", changed("compensation_after = compensation_after - 0.01", "event_type = 'cola'")),
        ("fct_yearly_events", changed("level_before = level_before - 1", "event_type = 'promotion'")),
        ("fct_yearly_events", changed("event_sequence = event_sequence + 1", "event_sequence = 1")),
        ("fct_workforce_snapshot", changed(A_CENT_MORE, "employment_status = 'active'")),
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'active'")),
    ],
    "snapshot_is_the_opening_plus_the_events": [
        ("fct_workforce_snapshot", changed("hire_date = hire_date + 1")),
        ("fct_workforce_snapshot", changed("termination_date = termination_date + 1", "termination_date is not null")),
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed(A_CENT_MORE, "termination_date is not null")),
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", dropped()),
        ("fct_yearly_events", dropped("event_type = 'termination'")),
        ("fct_yearly_events", dropped("event_type = 'hire'")),
    ],
    "headcount_is_conserved_by_level": [
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'active'")),
        ("fct_workforce_snapshot", dropped("employment_status = 'active'")),
        ("fct_yearly_events", dropped("event_type = 'promotion'")),
        ("fct_yearly_events", doubled("event_type = 'hire'")),
        ("fct_yearly_events", changed("level_before = level_before + 1", "event_type = 'termination'")),
    ],
    "published_tables_agree": [
        ("fct_workforce_snapshot", dropped("employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed("paid_compensation = paid_compensation + 0.01")),
        ("fct_workforce_snapshot", changed(A_CENT_MORE, "employment_status = 'active'")),
        ("fct_yearly_events", dropped("event_type = 'cola'")),
        ("fct_compensation_growth", changed("headcount = headcount + 1", ALL)),
        ("fct_compensation_growth", changed("total_compensation = total_compensation + 0.01", ALL)),
    ],
}  # fmt: skip

CASES = [Seeded(asset, statement, test) for test, defects in DEFECTS.items() for asset, statement in defects]


# What an operation publishes, spoiled; then the models that read it are made from it.
EMPTY = "delete from this"
OPERATION_DEFECTS: dict[str, Seeded] = {
    "no workforce events": Seeded("workforce_events", EMPTY, "operations_publish_every_decision"),
    "no hires": Seeded(
        "workforce_events", "delete from this where event_type = 'hire'", "pay_segments_tile_the_days_employed"
    ),
    "no pay": Seeded("compensation_changes", EMPTY, "operations_publish_every_decision"),
    "nobody is paid": Seeded("compensation_changes", EMPTY, "pay_segments_tile_the_days_employed"),
    "a leaver who stays": Seeded(
        "workforce_events", dropped("event_type = 'termination'"), "pay_segments_tile_the_days_employed"
    ),
    "an exit twice": Seeded(
        "workforce_events", doubled("event_type = 'termination'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a promotion twice": Seeded(
        "workforce_events", doubled("event_type = 'promotion'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a hire twice": Seeded(
        "workforce_events", doubled("event_type = 'hire'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a hire without a level": Seeded(
        "workforce_events", changed("level_after = null", "event_type = 'hire'"), "holds(int_closing_workforce): has_a_level"
    ),
    "an exit next year": Seeded(
        "workforce_events",
        changed(f"effective_date = {NEXT_YEAR}", "event_type = 'termination'"),
        "holds(int_closing_workforce): exit_is_this_year",
    ),
    "an exit a day early": Seeded(
        "workforce_events",
        changed("effective_date = effective_date - 1", "event_category = 'experienced' and month(effective_date) = 5"),
        "pay_segments_tile_the_days_employed",
    ),
    "a promotion to the wrong level": Seeded(
        "workforce_events",
        changed("level_after = level_after + 1", "event_type = 'promotion'"),
        "operations_publish_every_decision",
    ),
    "a leaver paid to the end of the year": Seeded(
        "compensation_changes",
        changed(
            f"segment_end = {LAST_DAY}, days = days + ({LAST_DAY} - segment_end)",
            "segment_end < make_date(simulation_year, 11, 1) and not exists (select 1 from this as next"
            " where next.world_id = this.world_id and next.employee_id = this.employee_id"
            " and next.segment_number > this.segment_number)",
        ),
        "pay_segments_tile_the_days_employed",
    ),
    "a raise for the wrong person": Seeded(
        "compensation_changes",
        changed("rate_before_cents = rate_before_cents + 100, rate_cents = rate_cents + 103", "opened_by = 'merit_raise'"),
        "pay_segments_tile_the_days_employed",
    ),
    # consistent to the last cent in everything that follows: only the raise itself tells
    "a raise a cent too high, and paid so": Seeded(
        "compensation_changes",
        changed(A_CENT_MORE_PAID, f"opened_by = 'merit_raise' and segment_end = {LAST_DAY}"),
        "pay_segments_tile_the_days_employed",
    ),
    "a lost raise": Seeded(
        "compensation_changes", dropped("opened_by = 'merit_raise'"), "operations_publish_every_decision"
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Two years that pass every test (`run` asserts it); defects go into the second, which also has a year before it."""
    folder = tmp_path_factory.mktemp("defects")
    names = ("employee_id", "birth_date", "hire_date", "annual_compensation", "level_id")
    query = f"select {', '.join(names)} from '{SAMPLE_CENSUS}' order by md5(employee_id) limit 250"
    census = census_file(folder, [dict(zip(names, row, strict=True)) for row in duckdb.execute(query).fetchall()])
    return simulation(folder, {**STUDY, "census": str(census)}).run()


def data_tests(run: Simulation, groups: tuple[str, ...] = GROUPS) -> dict[str, list[DataTest]]:
    """The dbt tests by the names that DEFECTS uses; a `holds` has many."""
    dbt = run.project.dbt
    nodes = {node["name"]: node for node in dbt.manifest["nodes"].values() if node["resource_type"] == "test"}
    named: dict[str, list[DataTest]] = {}
    for group in groups:
        for test in dbt.group_tests(group, GROUP_ORDER):
            metadata = nodes[test.name].get("test_metadata")
            if metadata is None:
                labels = [test.name]
            else:
                label = f"{metadata['name']}({nodes[test.name]['attached_node'].rsplit('.', 1)[1]})"
                columns = ", ".join(metadata["kwargs"].get("columns", []))
                labels = [f"{label}: {rule}" for rule in metadata["kwargs"].get("rules", {})] or [
                    f"{label[:-1]}: {columns})"
                ]
            for label in labels:
                named.setdefault(label, []).append(test)
    return named


@contextmanager
def session(run: Simulation) -> Iterator[YearSession]:
    with duckdb.connect(config={"threads": 2}) as connection:
        yield YearSession(connection, run.project.lake, YEAR, run.project.first_year)


CONTENT = "select md5(string_agg(this::varchar, '' order by this::varchar)) from this"


def spoil(run: Simulation, seeded: Seeded) -> None:
    """Puts a defect into the file of the lake."""
    file = run.project.lake.file(seeded.asset, YEAR)
    with duckdb.connect() as connection:
        connection.execute(f"create table this as select * from {read_parquet(file)}")
        before = connection.execute(CONTENT).fetchall()
        connection.execute(seeded.statement)
        assert connection.execute(CONTENT).fetchall() != before, "the defect changed nothing: no such row"
        connection.execute(f"copy this to {quoted(file)} (format parquet)")


def reports(label: str, outcomes: list[Outcome]) -> bool:
    """Whether a test fails, a `holds` for the very rule."""
    rule = label.partition(": ")[2] if label.startswith("holds(") else None
    broken = [row for outcome in outcomes if outcome.status == "error" for row in outcome.sample]
    return any(rule is None or row["broken_rule"] == rule for row in broken)


@pytest.fixture
def spoilt(sound: Simulation, request: pytest.FixtureRequest) -> Iterator[Simulation]:
    """The sound lake with one defect in it, sound again afterwards."""
    seeded: Seeded = request.param
    file = sound.project.lake.file(seeded.asset, YEAR)
    content = file.read_bytes()
    try:
        spoil(sound, seeded)
        yield sound
    finally:
        file.write_bytes(content)


def test_every_test_and_every_rule_has_a_defect(sound: Simulation) -> None:
    assert set(data_tests(sound)) == set(DEFECTS)


@pytest.mark.parametrize(
    ("spoilt", "reported_by"),
    [(case, case.reported_by) for case in CASES],
    ids=[f"{case.reported_by} | {case.asset}, {number}" for number, case in enumerate(CASES)],
    indirect=["spoilt"],
)
def test_a_defect_in_a_file_is_reported_by_its_test(spoilt: Simulation, reported_by: str) -> None:
    with session(spoilt) as opened:
        outcomes = run_tests(opened, spoilt.project.dbt, data_tests(spoilt)[reported_by])
    assert reports(reported_by, outcomes), outcomes


@pytest.mark.parametrize("name", OPERATION_DEFECTS)
def test_what_an_operation_spoils_stops_the_year_before_it_is_published(
    sound: Simulation, tmp_path: Path, name: str
) -> None:
    """The models that read the spoiled file are made from it; the tests of the very next group already report it."""
    seeded = OPERATION_DEFECTS[name]
    folder = shutil.copytree(sound.project.settings.study_file.parent, tmp_path / "copy")
    run = simulation(folder, (folder / "study.yaml").read_text())
    spoil(run, seeded)
    dbt = run.project.dbt
    with session(run) as opened:
        list(run_models(opened, dbt, dbt.group_models("state_aggregation")))
        outcomes = run_tests(opened, dbt, data_tests(run, ("state_aggregation",))[seeded.reported_by])
    assert reports(seeded.reported_by, outcomes), outcomes
