"""What results can be cut by: the file's own columns, hires by the census's mix, and figures that add up to the whole."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.commands.compare_people import PERSON
from planwise_assets.results.groups import CUTS, cut_measures, group_names
from planwise_assets.results.reading import read_measures
from planwise_assets.results.winners import CUTS as CUTS_OF_PEOPLE
from planwise_assets.study.sections.groups import RESERVED, group_name, parse_groups
from tests.harness import Simulation, simulation

PEOPLE, SEEDS = 80, (1, 2)
PLACES = [("East", "Lyon"), ("East", "Oslo"), ("West", "Lima"), ("", "Lima")]


def people() -> list[dict[str, Any]]:
    return [
        {
            "employee_id": f"P{number:02}",
            "birth_date": f"{1960 + number % 35}-05-13",
            "hire_date": f"{2005 + number % 19}-03-15",
            "annual_compensation": 50_000 + 1_000 * number,
            "Division": PLACES[number % 4][0],
            "Union": PLACES[number % 4][1],
            "deferral_rate": 0.05 if number % 2 else 0,
        }
        for number in range(PEOPLE)
    ]


def study(folder: Path, rows: list[dict[str, Any]], **more: Any) -> Simulation:
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "people.csv").write_text(text.getvalue(), encoding="utf-8")
    scenarios = {"baseline": {}, "growing": {"workforce": {"growth": 0.3}}}
    mapping = {"study": "cut", "census": "people.csv", "years": {"start": 2025, "end": 2026}, "seeds": list(SEEDS)}
    return simulation(folder, mapping | {"scenarios": scenarios, **more})


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return study(tmp_path_factory.mktemp("grouped"), people(), groups=["Division", "Union"]).run().publish()


def test_no_group_has_a_name_that_results_use() -> None:
    assert {*CUTS, *CUTS_OF_PEOPLE, PERSON, "scenario", "year", "measure", "mean", "difference", "standard_error"} == {
        *RESERVED
    }
    for name in RESERVED:
        with pytest.raises(ValueError, match=f"published as {name}, which --by"):
            parse_groups([name.replace("_", " ").title()])


def test_everybody_belongs_to_something_and_for_good(grouped: Simulation) -> None:
    rows = grouped.query("select employee_id, division, \"union\" from person_groups where employee_id like 'P%'")
    place = {f"P{number:02}": PLACES[number % 4] for number in range(PEOPLE)}
    assert {(division, site) for who, division, site in rows if place[who][0] == ""} == {("(none)", "Lima")}
    assert all((division, site) == place[who] for who, division, site in rows if place[who][0])
    changes = 'select count(distinct (division, "union")) from person_groups group by seed, employee_id'
    assert {count for (count,) in grouped.query(changes)} == {1}
    lacking = """
        select count(*) from fct_workforce_snapshot
        anti join person_groups using (simulation_year, seed, employee_id)
    """
    assert grouped.query(lacking) == [(0,)]


def test_hires_have_the_mix_of_the_census(grouped: Simulation) -> None:
    hires = grouped.query(
        "select seed, employee_id, division, \"union\" from person_groups where employee_id like 'NH%' group by all"
    )
    assert {(division, site) for _, _, division, site in hires} == {(d or "(none)", s) for d, s in PLACES}
    shares = Counter(division for _, _, division, _ in hires)
    assert 0.3 < shares["East"] / shares.total() < 0.7
    by_seed = {seed: {who: place for s, who, *place in hires if s == seed} for seed in SEEDS}
    both = by_seed[1].keys() & by_seed[2].keys()
    assert any(by_seed[1][who] != by_seed[2][who] for who in both)


def test_cuts_add_up_to_the_whole(grouped: Simulation) -> None:
    warehouse = grouped.project.settings.warehouse("cut")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert group_names(connection) == ["division", "union"]
        whole = read_measures(connection)
        for group in ("division", "union"):
            cut = cut_measures(connection, group)
            for name in CUTS:
                if name in ("average_pay", "participation", "deferral"):
                    continue
                for world, values in whole.items():
                    parts = sum(part[world][name] or 0 for part in cut.values() if world in part)
                    assert parts == pytest.approx(values[name] or 0, abs=0.005), (group, name, world)
        # Everybody in one group: every figure is the whole's.
        connection.execute("create temp table person_groups as select * replace ('all' as division) from cut.person_groups")
        everybody = cut_measures(connection, "division")["all"]
        for world, values in whole.items():
            for name in CUTS:
                assert everybody[world][name] == pytest.approx(values[name], abs=0.00005), (name, world)


def test_no_order_of_rows_and_no_column_changes_a_result(grouped: Simulation, tmp_path: Path) -> None:
    rows = people()
    random.Random(5).shuffle(rows)
    other = study(tmp_path, [{**row, "Cost Centre": f"C{place % 7}"} for place, row in enumerate(rows)]).run()
    inputs = ("census_input", "census_groups", "person_groups")
    expected = {path: value for path, value in grouped.hashes(without=inputs).items() if "year_" not in path}
    assert {path: value for path, value in other.hashes(without=inputs).items() if "year_" not in path} == expected


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["results", "--by", "Division"], "East"),
        (["results", "--by", "union", "--bands", "--measure", "match"], "Oslo"),
        (["results", "--by", "division", "--measure", "net_cost"], "belongs to the plan as a whole"),
        (["results", "--by", "site"], "There is no group 'site'"),
        (["compare", "baseline", "growing", "--by", "division"], "(none)"),
        (["export", "--by", "union", "--format", "csv"], "by_union.csv"),
        (["export", "--by", "division"], "cut_export.xlsx"),
        (["report", "--by", "site"], "There is no group 'site'"),
        (["report", "--by", "division", "--one-page"], "leave one of the two out"),
    ],
)
def test_commands_cut(
    grouped: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    monkeypatch.chdir(tmp_path)
    assert says in CliRunner().invoke(app, words).output


def test_a_comparison_of_groups_has_every_scenario_in_each_form(
    grouped: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    words = ["compare", "baseline", "growing", "baseline", "--by", "division", "--years", "2026"]
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    expected = {
        (fact["value"], fact["measure"], str(fact["simulation_year"])): fact
        for fact in told["facts"]
        if fact["scenario"] == "growing"
    }
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, [*words, "--format", "csv"]).stdout)))
    assert {(row["division"], row["measure"], row["year"]) for row in rows} == expected.keys()
    for row in rows:
        fact = expected[row["division"], row["measure"], row["year"]]
        assert float(row["growing_difference"]) == pytest.approx(fact["difference"], abs=1e-6)
    marked = CliRunner().invoke(app, [*words, "--format", "markdown"]).stdout.splitlines()
    assert marked[1].startswith("| --- | --- | ---: |")
    assert len(marked) == 2 + len(rows)


def test_the_years_together_of_a_group_are_the_sum_of_its_years(
    grouped: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    for words, figure in ((["results"], "mean"), (["compare", "baseline", "growing"], "difference")):
        told = json.loads(CliRunner().invoke(app, [*words, "--by", "division", "--json"]).stdout)
        (total,) = (
            fact
            for fact in told["totals"]
            if (fact["value"], fact["measure"], fact.get("scenario_id", "growing")) == ("East", "payroll", "growing")
        )
        yearly = [
            fact[figure]
            for fact in told["facts"]
            if (fact["value"], fact["measure"], fact.get("scenario_id", "growing")) == ("East", "payroll", "growing")
        ]
        assert (len(yearly), total["simulation_year"]) == (2, None)
        assert total[figure] == pytest.approx(sum(yearly))
        shown = CliRunner().invoke(app, [*words, "--by", "division", *(["--bands"] if words == ["results"] else [])]).stdout
        assert len(re.findall("East .*payroll .*all years|East .*all years .*payroll|East +Payroll +all years", shown)) > 0


def test_who_gains_and_who_loses_is_told_by_group(grouped: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every person in one value, that of the first year in A; so the values add up to everybody."""
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    words = ["compare", "baseline", "growing", "--people", "--by", "Division"]
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, [*words, "--format", "csv"]).stdout)))
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["people"]["groups"]
    assert set(told) == {"age", "service", "pay", "level", "division"}
    assert (
        [row["division"] for row in rows] == [group["bands"][0] for group in told["division"]] == ["(none)", "East", "West"]
    )
    for whole in ("people", "total"):
        sums = {cut: sum(float(group[whole]) for group in groups) for cut, groups in told.items()}
        assert sums["division"] == pytest.approx(sums["level"], abs=0.05), whole
    (expected,) = grouped.query(
        """
        with gains as (
            select
                seed,
                employee_id,
                sum(b.employer_match + b.employer_core - b.forfeited_match - b.forfeited_core)
                - sum(a.employer_match + a.employer_core - a.forfeited_match - a.forfeited_core) as gain
            from fct_workforce_snapshot as a
            join fct_workforce_snapshot as b using (seed, simulation_year, employee_id)
            where a.scenario_id = 'baseline' and b.scenario_id = 'growing'
            group by all
        )

        select count(*) / 2, sum(gain) / 2
        from gains
        join (select distinct seed, employee_id from person_groups where division = 'East') using (seed, employee_id)
        """
    )
    east = rows[1]
    assert (float(east["people"]), float(east["total a future"])) == pytest.approx(tuple(map(float, expected)), abs=0.05)
    assert "There is no group 'site'" in CliRunner().invoke(app, [*words[:-1], "site"]).output


def test_the_report_has_a_section_by_group(grouped: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    told = json.loads(CliRunner().invoke(app, ["results", "--by", "division", "--json"]).stdout)["facts"]
    last = max(fact["simulation_year"] for fact in told)
    heads = {
        (fact["value"], fact["scenario_id"]): fact["mean"]
        for fact in told
        if fact["simulation_year"] == last and fact["measure"] == "headcount"
    }
    file = tmp_path / "report.html"
    assert CliRunner().invoke(app, ["report", "--by", "Division", "--out", str(file)]).exit_code == 0
    section = file.read_text(encoding="utf-8").partition('<section id="cut">')[2].partition("</section>")[0]
    assert section.count("<tr") == 1 + len(heads)
    assert all(f"<td>{mean:,.0f}" in section for mean in heads.values())
    assert '<a href="#cut">Division</a>' in file.read_text(encoding="utf-8")


def test_check_refuses_a_group_that_the_census_does_not_have(grouped: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    file = grouped.project.settings.study_file
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(file))
    before = file.read_text(encoding="utf-8")
    changed = yaml.safe_load(before) | {"groups": ["Nope"]}
    file.write_text(yaml.safe_dump(changed), encoding="utf-8")
    for word in ("check", "simulate"):
        told = CliRunner().invoke(app, [word])
        assert told.exit_code == 2, word
        assert "names Nope, which the file does not have. Its columns: employee_id" in told.stderr
    file.write_text(before, encoding="utf-8")


def test_cut_results_as_json(grouped: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(grouped.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(grouped.project.settings.study_file))
    told = json.loads(CliRunner().invoke(app, ["results", "--by", "division", "--json"]).stdout)
    assert {fact["value"] for fact in told["facts"]} == {"(none)", "East", "West"}
    assert {fact["measure"] for fact in told["facts"]} == set(CUTS)


def test_names_of_groups() -> None:
    assert [group_name(name) for name in ("Cost Centre", "Union (Y/N)", "01 Site")] == [
        "cost_centre",
        "union_y_n",
        "01_site",
    ]
    assert parse_groups(["Division", "Site"]) == ("Division", "Site")


@pytest.mark.parametrize("value", ["Division", ["a", "b", "c", "d", "e"], ["Site", "site"], ["Seed"], [3], ["--"]])
def test_groups_that_cannot_be_told_apart_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be|would be"):
        parse_groups(value)
