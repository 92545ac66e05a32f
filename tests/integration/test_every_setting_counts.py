"""Every setting of the study file changes what it is about, in the year from which it is given, and nothing before.

The list of settings is not written here: it is walked out of the schema, empty optional settings included, and a setting
that no line of `settings/workforce.py` or `settings/plan.py` perturbs fails the test, as does a line without a setting. Each
perturbation is a scenario of one study, so that everybody draws the same luck in all of them; what differs from the baseline
is what the setting did. A line says on which published facts its setting may act; in the first year in which anything
differs, at least one of them must differ for somebody, and no other fact may. A hazard that is only shown (`dim_hazards`),
and that nobody reads, fails; so does a setting of the plan that changes anything outside the plan.

`resources` and `validation` are the other way round: changing all of them changes no byte of the lake, through Dagster.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

import duckdb
import pytest
from pydantic import BaseModel

from planwise_assets.intake.census import columns_of, interpret
from planwise_assets.intake.names import guesses
from planwise_assets.intake.reading.file import read_census
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Resources, Scenario, Study, Years
from planwise_assets.study.sections.census import CENSUS_COLUMNS, CensusReading
from planwise_assets.study.values import leaves
from resources.files import read_json
from resources.process.locks import study_run
from tests.census_files import text_of, write
from tests.harness import SAMPLE_CENSUS, Simulation, census_file, share_compiled_project, simulation
from tests.integration.settings import plan, plan_facts, workforce
from tests.integration.settings.perturbing import NAME, Case, Document, Path_, cases, pattern, walked
from tests.integration.settings.plan_facts import changed_workforces

FIRST, SECOND = workforce.PART.years
PARTS = {"workforce": workforce.PART, "plan": plan.PART}
CASES = {name: list(cases(part)) for name, part in PARTS.items()}
DIFFERENCES = {"workforce": workforce.differences, "plan": plan_facts.differences}
FAULTS = {"workforce": workforce.fault, "plan": plan.fault}


def models_of(part: str) -> list[Scenario]:
    return [Scenario.model_validate(document) for document in PARTS[part].baselines.values()]


def is_about_the_plan(path: Path_) -> bool:
    return path[0] in ("plan", "limits")


def reachable(annotation: object) -> Iterator[type[BaseModel]]:
    """Every kind of section and row that a type can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from reachable(field.annotation)
    for inner in get_args(annotation):
        yield from reachable(inner)


@pytest.mark.parametrize("part", PARTS)
def test_every_setting_is_perturbed(part: str) -> None:
    """A new setting without a line fails here, and so does a line whose setting has gone."""
    is_plan = part == "plan"
    settings, excepted = PARTS[part].settings, plan.ONLY_WARN if is_plan else {}
    models = models_of(part)
    paths = [path for model in models for path, _ in walked(model) if is_about_the_plan(path) == is_plan]
    assert {pattern(path) for path in paths} == set(settings) | set(excepted)
    assert not set(settings) & set(excepted)
    for model in models:
        assert {path for path, _ in leaves(model)} <= {path for path, _ in walked(model)}
    # Every line is tried at least once, but for names; every row of every table too.
    assert {case.setting for case in CASES[part]} == {name for name, setting in settings.items() if setting.steps != NAME}
    rows = {path[:-1] for path in paths if isinstance(path[-2], int)}
    tried = {tuple(case.label.split("/")[0].split(".")[: len(row)]) for case in CASES[part] for row in rows}
    untried = [row for row in rows if tuple(map(str, row)) not in tried]
    assert untried == ([] if is_plan else [("hazards", "promotion", "level", 4)])  # the top


def test_the_walk_goes_through_everything_that_a_scenario_can_hold() -> None:
    models = models_of("workforce") + models_of("plan")
    seen = {
        type(at_model(model, path[:length])) for model in models for path, _ in walked(model) for length in range(len(path))
    }
    assert seen >= set(reachable(Scenario))


def at_model(model: Any, path: Path_) -> Any:
    for part in path:
        model = model[part] if isinstance(part, int) else getattr(model, part)
    return model


class Trial(NamedTuple):
    """The run of all cases: by scenario and year, in how many people (cells, worlds) each fact differs from the baseline."""

    run: Simulation
    differences: dict[str, dict[int, dict[str, int]]]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    """A study a part, of the baselines and every perturbation."""
    made = {}
    for name, census in (("workforce", workforce.census), ("plan", plan.census)):
        folder, part = tmp_path_factory.mktemp(name), PARTS[name]
        study = {
            "study": "settings",
            "census": str(census(folder)),
            "years": dict(zip(("start", "end"), part.years, strict=True)),
            "seeds": [5],
            "scenarios": {**part.baselines, **{case.scenario_id: case.scenario for case in CASES[name]}},
        }
        run = simulation(folder, study).run()
        made[name] = Trial(run, DIFFERENCES[name](run, CASES[name]))
    return made


@pytest.mark.parametrize("part", PARTS)
def test_a_setting_acts_on_what_it_is_about_and_on_nothing_else(trials: dict[str, Trial], part: str) -> None:
    found = trials[part].differences
    wrong = {case.label: fault for case in CASES[part] if (fault := fault_of(part, case, found[case.scenario_id]))}
    assert wrong == {}


def fault_of(part: str, case: Case, by_year: dict[int, dict[str, int]]) -> str | None:
    """What is wrong with how a case differs from its baseline; None if nothing is."""
    differs = {year: {fact for fact, count in facts.items() if count} for year, facts in by_year.items()}
    first = next((year for year in PARTS[part].years if differs[year]), None)
    if first is None:
        return "changes nothing"
    if first != case.acts_in:
        return f"acts in {first}: {sorted(differs[first])}"
    return FAULTS[part](case, differs[first])


def test_the_plan_changes_nothing_outside_the_plan(trials: dict[str, Trial]) -> None:
    """Every hire, exit, promotion and raise is the same, person by person, whatever the plan and the limits are."""
    assert changed_workforces(trials["plan"].run, CASES["plan"]) == []


@pytest.mark.parametrize("setting", [*plan.ONLY_WARN, "plan.adopted"])
def test_what_changes_no_result_changes_a_warning(tmp_path: Path, setting: str) -> None:
    """IRC 414A asks automatic enrolment of a plan adopted after 28 December 2022 that is not exempt."""

    def warnings(scenario: Document) -> tuple[str, ...]:
        return simulation(tmp_path, small_study(tmp_path, scenarios={"baseline": {"plan": scenario}})).project.study.warnings

    adopted = {"adopted": "2023-06-01"}
    *_, name = setting.split(".")
    silent = {} if name == "adopted" else {**adopted, "exemptions": {name: True}}
    assert ["IRC 414A" in warning for warning in warnings(adopted)] == [True]
    assert warnings(silent) == ()


def test_what_changes_a_warning_changes_no_result(tmp_path: Path) -> None:
    """The reason why `ONLY_WARN` has no line: whatever makes the plan exempt, its people and its money are the same."""
    names = [setting.rsplit(".", 1)[1] for setting in plan.ONLY_WARN]
    plans: Document = {
        "older": {"adopted": "2010-01-01"},
        "newer": {"adopted": "2023-06-01"},
        **{name: {"adopted": "2023-06-01", "exemptions": {name: True}} for name in names},
    }
    run = simulation(tmp_path, small_study(tmp_path, scenarios={name: {"plan": plans[name]} for name in plans})).run()
    for table in ("fct_yearly_events", "fct_workforce_snapshot", "fct_plan_cost", "fct_nondiscrimination_tests"):
        facts = f"select columns(lambda name: name not in ('scenario_id', 'event_id', 'plan_design_id')) from {table}"
        older, *others = (run.query(f"{facts} where scenario_id = ? order by all", [name]) for name in plans)
        assert older
        assert all(other == older for other in others), table


# The study's own settings: each with the test of this module that perturbs it.

STUDY_SETTINGS = {
    "study": NAME,
    "title": NAME,
    "description": NAME,
    "census": NAME,
    "scenarios": NAME,
    "census_columns": "test_census_columns_say_which_column_counts",
    **{
        f"census_reading.{name}": "test_each_setting_of_the_reading_reads_other_people"
        for name in (
            *("sheet", "dates", "decimal", "rates", "zone", "deferral_dollars_each", "weekly_hours", "unknown_breaks"),
            *("statuses", "ignore", "parity_below_years", "pay_each"),
        )
    },
    "years.start": "test_the_years_are_those_of_the_study",
    "years.end": "test_the_years_are_those_of_the_study",
    "seeds": "test_another_seed_changes_every_draw",
    "groups": "test_groups_change_nothing_but_what_people_belong_to",
    "census_reject_limit": "test_more_rejected_rows_than_the_limit_stop_the_year",
    "validation": "test_resources_and_validation_change_no_byte",
    **{
        f"resources.{name}": "test_resources_and_validation_change_no_byte"
        for name in ("memory_gb", "threads", "connections", "step_timeout_minutes", "batch_size", "profile", "optimizations")
    },
}
OTHER_RESOURCES = {
    "profile": "small",
    "memory_gb": 1.5,
    "threads": 1,
    "connections": 1,
    "step_timeout_minutes": 5,
    "batch_size": 17,
    "optimizations": dict.fromkeys(("indexes", "materialized_aggregations"), False)
    | dict.fromkeys(("memory_settings", "query_caching", "vectorized_operations", "join_patterns"), True),
}


def test_every_setting_of_the_study_is_perturbed() -> None:
    sections: dict[str, type[BaseModel]] = {"years": Years, "resources": Resources, "census_reading": CensusReading}
    names = {
        name if inner is None else f"{name}.{inner}"
        for name in Study.model_fields
        for inner in (sections[name].model_fields if name in sections else [None])
    }
    assert names == set(STUDY_SETTINGS)
    assert {name for name in STUDY_SETTINGS.values() if name != NAME} <= set(globals())
    assert set(OTHER_RESOURCES) == set(Resources.model_fields)


def small_study(folder: Path, **settings: Any) -> Document:
    """60 people, of whom one is to be rejected, in one year; the file has two columns of pay."""
    query = f"select employee_id, birth_date, hire_date, annual_compensation from '{SAMPLE_CENSUS}' order by all limit 60"
    rows = [
        {"employee_id": who, "birth_date": born, "hire_date": hired, "gross_pay": pay + 1000, "annual_compensation": pay}
        for who, born, hired, pay in duckdb.execute(query).fetchall()
    ]
    rows[7]["birth_date"] = "1800-01-01"
    study = {
        "study": "small",
        "census": str(census_file(folder, rows)),
        "years": {"start": FIRST, "end": FIRST},
        "seeds": [5, 6],
        "census_reject_limit": 0.02,
        "scenarios": {"baseline": {"hazards": {"promotion": {"base": 0.5}}}},
    }
    return {**study, **settings}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("small")
    return simulation(folder, small_study(folder)).run()


def test_census_columns_say_which_column_counts(small: Simulation, tmp_path: Path) -> None:
    """Also where the file has a column of PlanWise's own name: what the study says wins."""
    mapped = simulation(tmp_path, small_study(tmp_path, census_columns={"gross_pay": "annual_compensation"})).run()
    pay = "select employee_id, annual_compensation_cents from stg_census order by 1"
    assert mapped.query(pay) == [(who, cents + 100_000) for who, cents in small.query(pay)]
    snapshot = "select * from fct_workforce_snapshot order by all"
    assert mapped.query(snapshot) != small.query(snapshot)


#: Each setting of the reading: a further column and its values, two values of the setting, and a column that then differs.
READINGS: dict[str, tuple[str, list[str], Any, Any, str]] = {
    "dates": ("Adjusted Service Date", ["03/04/2001", "05/06/2002"], "mdy", "dmy", "service_date"),
    "decimal": ("Match Balance", ["43.137", "12.500"], "point", "comma", "match_balance"),
    "rates": ("Deferral Rate", ["0", "1"], "percent", "share", "deferral_rate"),
    "deferral_dollars_each": ("Deferral Amount", ["200", "250"], "month", "week", "deferral_rate"),
    "pay_each": ("Level", ["1", "2"], "year", "month", "annual_compensation"),
    "weekly_hours": ("Hours Worked", ["1040", "2080"], "scheduled", "worked", "scheduled_hours_per_week"),
    "unknown_breaks": ("Original Hire Date", ["2001-02-03", "2002-02-03"], "lost", "kept", "service_date"),
    "statuses": ("Emp Status", ["A", "Q7"], {"Q7": "leave"}, {"Q7": "retired"}, "active"),
    "ignore": ("owner_5pct", ["yes", "no"], (), ("owner_5pct",), "owner_5pct"),
}


@pytest.mark.parametrize("name", READINGS)
def test_each_setting_of_the_reading_reads_other_people(tmp_path: Path, name: str) -> None:
    """`sheet` and `zone` have theirs in test_census_workbooks.py, `parity_below_years` in test_census_people.py."""
    header, values, one, other, column = READINGS[name]
    lines = [[f"P{place}", "1980-05-13", "2010-03-15", "52000", value] for place, value in enumerate(values)]
    file = write(tmp_path, text_of(lines, header=["employee_id", "birth_date", "hire_date", "annual_compensation", header]))
    found = []
    for setting in (one, other):
        with duckdb.connect() as connection:
            table = read_census(connection, file)
            named = {} if header in CENSUS_COLUMNS else {header: guesses([header])[0].column}
            reading = CensusReading.model_validate({name: setting})
            interpret(connection, table, columns_of(table, named, reading.ignore), reading, date(2024, 12, 31))
            found.append(connection.execute(f"select {column} from census_people order by place").fetchall())
    assert found[0] != found[1]


def test_groups_change_nothing_but_what_people_belong_to(small: Simulation, tmp_path: Path) -> None:
    grouped = simulation(tmp_path, small_study(tmp_path, groups=["gross_pay"])).run()
    files = grouped.hashes(without=("census_groups", "person_groups"))
    assert files == small.hashes()
    assert len(grouped.hashes()) == len(files) + 2


def test_more_rejected_rows_than_the_limit_stop_the_year(small: Simulation, tmp_path: Path) -> None:
    """One of 60 rows, 1.67 %, is within 2 % and beyond the default of 1 %."""
    study = small_study(tmp_path)
    del study["census_reject_limit"]
    strict = simulation(tmp_path, study).run(check=False)
    assert [outcome.name for outcome in strict.tests[FIRST] if outcome.status == "error"] == ["census_reject_limit"]
    assert [outcome.name for outcome in small.tests[FIRST] if outcome.status == "error"] == []
    assert small.query("select count(*) from stg_census") == [(59,)]


def test_another_seed_changes_every_draw(small: Simulation) -> None:
    """Who leaves and when, promotions with their raises, the hires, and the lasting month (of four, unequal ones)."""
    facts = {
        "exits": "select employee_id, effective_date from fct_yearly_events where event_category <> 'new_hire'"
        " and event_type = 'termination'",
        "promotions": "select employee_id, event_details from fct_yearly_events where event_type = 'promotion'",
        "merit": "select employee_id, effective_date from fct_yearly_events where event_type = 'merit_raise'",
        "hires": "select employee_id, effective_date from fct_yearly_events where event_type = 'hire'",
        "hire_pay": "select employee_id, compensation_after from fct_yearly_events where event_type = 'hire'",
        "births": "select employee_id, birth_date from fct_workforce_snapshot where year(hire_date) = simulation_year",
    }
    for name, query in facts.items():
        five, six = (set(small.query(f"{query} and seed = {seed}")) for seed in (5, 6))
        assert len(five & six) < 0.6 * min(len(five), len(six)), name


def test_the_years_are_those_of_the_study(small: Simulation, trials: dict[str, Trial], tmp_path: Path) -> None:
    later_years = {"start": SECOND, "end": SECOND}
    later_run = simulation(tmp_path, small_study(tmp_path, years=later_years)).run()
    years = "select distinct simulation_year from fct_workforce_snapshot order by 1"
    assert small.query(years) == [(FIRST,)]
    assert later_run.query(years) == [(SECOND,)]
    assert trials["workforce"].run.query(years) == [(FIRST,), (SECOND,)]


def test_resources_and_validation_change_no_byte(tmp_path: Path) -> None:
    """One year through Dagster, with other values for all of them at once: the same bytes in every file of the lake."""
    plain = _through_dagster(tmp_path / "plain", {})
    other = _through_dagster(tmp_path / "other", {"resources": OTHER_RESOURCES, "validation": "fast"})
    assert other.hashes() == plain.hashes()
    assert len(plain.hashes()) > 30
    markers = [read_json(run.project.lake.marker(FIRST)) or {} for run in (plain, other)]
    assert [marker.get("validation") for marker in markers] == ["full", "fast"]


def _through_dagster(folder: Path, settings: Document) -> Simulation:
    from planwise_assets.definitions import build_defs

    run = simulation(folder, small_study(folder, seeds=[5], **settings))
    home = run.project.settings.home
    share_compiled_project(home)
    settings_of_run = Settings(home=home, study_file=run.project.settings.study_file)
    job = build_defs(settings_of_run).resolve_job_def("simulate_year")
    run_id = str(uuid.uuid4())
    with study_run(settings_of_run.locks, run.project.study.study, run_id):
        assert job.execute_in_process(partition_key=str(FIRST), run_id=run_id).success
    return run
