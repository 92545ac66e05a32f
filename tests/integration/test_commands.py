"""The commands that read what is published: what they say is what the lake holds, and what they write is safe to open.

One study for all: 150 people, two scenarios that differ in the match and one thing more, three seeds, two years. Each
expected figure comes from the lake's files by another way than the command's.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import statistics
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from planwise_assets.commands.cli import COMMANDS, app
from planwise_assets.commands.shared.years import finished_steps
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.provenance import read_published
from planwise_assets.results.sheet import SHEET_ROWS, TooLargeError
from planwise_assets.results.winners import MATTERS, group_gains
from planwise_assets.results.workbook import write_workbook
from planwise_assets.settings import PROJECT_ROOT
from tests.harness import Simulation, generated_census, simulation

STRETCH = {"plan": {"match": {"tiers": [{"up_to": 0.08, "rate": 0.5}]}}, "workforce": {"growth": 0.06}}
STUDY: dict[str, Any] = {
    "study": "told",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "seeds": [1, 2, 3],
    "scenarios": {"baseline": {}, "stretch": STRETCH},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The study, simulated and published; one employee has an id that a spreadsheet would run."""
    folder = tmp_path_factory.mktemp("told")
    file = generated_census(folder / "census.csv", people=150)
    file.write_text(file.read_text().replace("E00017,", "=1+1,", 1))
    return simulation(folder, STUDY).run(tested=False).publish()


@pytest.fixture
def planwise(made: Simulation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs a command of the study in a folder of its own: its exit code, output and messages."""
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return result.output if code else result.stdout

    return run


def test_bands_are_those_of_the_seeds(made: Simulation, planwise: Any) -> None:
    facts = json.loads(planwise("results", "--json"))["facts"]
    (fact,) = [
        fact
        for fact in facts
        if (fact["scenario_id"], fact["simulation_year"], fact["measure"]) == ("stretch", 2026, "net_cost")
    ]
    costs = [
        float(row[0])
        for row in made.query(
            "select net_employer_cost from fct_plan_cost where scenario_id = 'stretch' and simulation_year = 2026"
        )
    ]
    assert fact["mean"] == pytest.approx(statistics.fmean(costs))
    assert fact["standard_error"] == pytest.approx(statistics.stdev(costs) / 3**0.5)
    assert fact["p50"] == pytest.approx(statistics.median(costs))
    assert not fact["deterministic"]
    assert all(fact["deterministic"] for fact in facts if fact["measure"] in ("headcount", "hires", "exits"))


def test_a_precision_is_answered_with_seeds(planwise: Any) -> None:
    lines = planwise("results", "--bands", "--measure", "payroll", "--precision", "0.01").splitlines()
    assert lines[0].split("  ")[-1].strip() == "seeds needed"
    assert all(int(line.split()[-1].replace(",", "")) >= 3 for line in lines[1:])
    assert "give a share" in planwise("results", "--precision", "1", code=2)


def test_a_chance_of_three_futures_is_withheld(planwise: Any) -> None:
    told = json.loads(planwise("results", "--measure", "net_cost", "--above", "100000", "--json"))["chances"]
    assert {(chance["seeds"], chance["chance"]) for chance in told} == {(3, None)}
    assert "withheld: 3 of 10 seeds" in planwise("results", "--above", "100000")
    assert planwise("results", "--above", "100,000") == planwise("results", "--above", "100000")


def test_differences_are_paired_by_seed(made: Simulation, planwise: Any) -> None:
    told = json.loads(planwise("compare", "baseline", "stretch", "--years", "2026", "--json"))
    (fact,) = [fact for fact in told["facts"] if fact["measure"] == "match"]
    rows = made.query(
        """
        select b.employer_match - a.employer_match
        from fct_plan_cost as a join fct_plan_cost as b using (seed, simulation_year)
        where a.scenario_id = 'baseline' and b.scenario_id = 'stretch' and simulation_year = 2026
        """
    )
    differences = [float(row[0]) for row in rows]
    assert fact["difference"] == pytest.approx(statistics.fmean(differences))
    assert fact["standard_error"] == pytest.approx(statistics.stdev(differences) / 3**0.5)
    assert told["settings"][0]["key"] == "workforce.growth"
    assert {"scenario": "stretch", "what": "Growth of the headcount", "a": "3 %", "b": "6 %"} in told["settings_in_words"]
    match = {
        "scenario": "stretch",
        "what": "Match",
        "a": "100 % of the first 3 % of pay, 50 % of the next 2 %",
        "b": "50 % of the first 8 % of pay",
    }
    assert match in told["settings_in_words"]


def test_years_together_are_the_sums_of_each_future(planwise: Any) -> None:
    told = json.loads(planwise("compare", "baseline", "stretch", "--json"))
    (cost,) = (fact for fact in told["totals"] if fact["measure"] == "net_cost")
    yearly = [fact["difference"] for fact in told["facts"] if fact["measure"] == "net_cost"]
    assert cost["difference"] == pytest.approx(sum(yearly))
    assert cost["simulation_year"] is None
    assert cost["standard_error"] > 0
    chances = json.loads(planwise("results", "--above", "1", "--json"))["chances"]
    assert [chance["simulation_year"] for chance in chances][-1] is None
    assert "all years" in planwise("results", "--above", "1")


def test_every_form_has_the_years_together_by_one_definition(planwise: Any, tmp_path: Path) -> None:
    """Dollars only, after the years of each scenario; a share of several years is no sum."""
    told = json.loads(planwise("results", "--bands", "--measure", "payroll", "--measure", "participation", "--json"))
    (total,) = (fact for fact in told["totals"] if fact["scenario_id"] == "stretch")
    yearly = [fact["mean"] for fact in told["facts"] if (fact["scenario_id"], fact["measure"]) == ("stretch", "payroll")]
    assert (total["measure"], total["simulation_year"], len(yearly)) == ("payroll", None, 2)
    assert total["mean"] == pytest.approx(sum(yearly))
    assert total["standard_error"] > 0
    printed = [line.split("  ") for line in planwise("results", "--bands", "--measure", "payroll").splitlines()[1:]]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in printed]
    assert [(row[0], row[1]) for row in rows] == [
        (scenario, year) for scenario in ("baseline", "stretch") for year in ("2025", "2026", "all years")
    ]
    assert rows[-1][3] == MEASURES["payroll"].text(total["mean"])
    assert "all years" not in planwise("results", "--bands", "--measure", "participation")

    differences = json.loads(planwise("compare", "baseline", "stretch", "--json"))["totals"]
    (payroll,) = (fact["difference"] for fact in differences if fact["measure"] == "payroll")
    for form, separator in (("tsv", "\t"), ("csv", ","), ("markdown", " | ")):
        lines = planwise("compare", "baseline", "stretch", "--format", form).splitlines()
        (line,) = (line.strip("| ").split(separator) for line in lines if "payroll" in line and "all years" in line)
        assert float(line[4]) == pytest.approx(payroll, abs=1e-6)

    planwise("export", "--table", "fct_plan_cost", "--out", "book.xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "book.xlsx")
    heads, *summary = book.get_sheet_by_name("summary").to_python()
    assert [row[1] for row in summary] == [2025, 2026, "all years"] * 2
    together = dict(zip(heads, summary[-1], strict=True))
    assert together[MEASURES["payroll"].label] == pytest.approx(total["mean"])
    assert together[MEASURES["participation"].label] == "", "an empty cell"
    bands = book.get_sheet_by_name("bands").to_python()
    banded = [row for row in bands if row[1] == "all years" and row[2] == MEASURES["payroll"].label]
    assert [row[3] for row in banded][-1] == pytest.approx(total["mean"])
    # A line of the chart ends with the last year.
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert re.findall(r"<c:cat><c:numRef><c:f>([^<]*)<", drawn) == ["summary!$B$2:$B$3", "summary!$B$5:$B$6"]


def test_tests_say_in_how_many_futures_they_fail_only_from_ten_on(planwise: Any) -> None:
    printed = planwise("results", "--tests").splitlines()
    heads, *rows = printed[: printed.index("")]
    assert heads.endswith("fails (95 % interval)")
    assert all(row.rstrip().endswith(("withheld: 3 of 10 seeds", "-")) for row in rows)


def test_people_that_differ_are_those_whose_rows_or_events_differ(made: Simulation, planwise: Any) -> None:
    told = json.loads(planwise("compare", "baseline", "stretch", "--people", "--limit", "100000", "--json"))["people"]
    columns = "employment_status, level_id, annual_compensation, paid_compensation, deferral_rate, employee_contribution, "
    columns += "employer_match, employer_core, forfeited_match, forfeited_core"
    side = f"select seed, simulation_year, employee_id, {columns} from fct_workforce_snapshot where scenario_id = "
    expected = made.query(
        f"""
        select distinct seed, simulation_year, employee_id
        from (({side} 'baseline' except {side} 'stretch') union all ({side} 'stretch' except {side} 'baseline'))
        """
    )
    listed = {(person["seed"], person["simulation_year"], person["employee_id"]): person for person in told["listed"]}
    assert set(expected) <= listed.keys()
    assert told["differing"] == len(listed) == sum(told["reasons"].values())
    # Beyond these there are only people whose pay and plan came out the same by other events.
    assert all(listed[key]["only_a"] or listed[key]["only_b"] for key in listed.keys() - set(expected))
    terms = [person for person in listed.values() if person["reason"] == "terms"]
    assert terms
    assert all(not person["only_a"] and not person["only_b"] for person in terms)
    assert all({"employer_match"} <= person["changed"].keys() for person in terms)
    hires = [person for person in listed.values() if person["reason"] == "hire"]
    assert hires
    assert all(any(event.startswith("hire ") for event in person["only_a"] + person["only_b"]) for person in hires)


def test_exits_flipped_by_an_exact_total_are_counted(made: Simulation, planwise: Any) -> None:
    told = json.loads(planwise("compare", "baseline", "stretch", "--people", "--json"))["people"]
    (expected,) = made.query(
        """
        select count(*)
        from fct_workforce_snapshot as a
        join fct_workforce_snapshot as b using (seed, simulation_year, employee_id)
        where a.scenario_id = 'baseline' and b.scenario_id = 'stretch' and a.employment_status <> b.employment_status
        """
    )
    assert told["exits_of_one_scenario_only"] == expected[0]


def test_who_gains_and_loses_is_counted_over_the_futures(made: Simulation, planwise: Any) -> None:
    """Match and core less forfeitures of the years in which both scenarios employ somebody, by seed, in plain Python."""
    rows = made.query(
        """
        select scenario_id, seed, employee_id, simulation_year, age_band, age_at_year_end,
            employer_match + employer_core - forfeited_match - forfeited_core
        from fct_workforce_snapshot
        """
    )
    money = {tuple(row[:4]): row for row in rows}
    gains: dict[tuple[str, int], Decimal] = {}
    bands: dict[tuple[str, int], tuple[int, str]] = {}
    for (scenario, seed, employee, year), row in sorted(money.items()):
        other = money.get(("stretch", seed, employee, year))
        if scenario == "baseline" and other:
            gains[employee, seed] = gains.get((employee, seed), Decimal(0)) + other[6] - row[6]
            bands.setdefault((employee, seed), (row[5], row[4]))
    told = json.loads(planwise("compare", "baseline", "stretch", "--people", "--limit", "100000", "--json"))["people"]

    by_person: dict[str, list[Decimal]] = {}
    for (employee, _), gain in gains.items():
        by_person.setdefault(employee, []).append(gain)
    means = {employee: sum(listed) / len(listed) for employee, listed in by_person.items()}
    order = sorted((employee for employee in means if round(means[employee], 2)), key=lambda e: (-means[e], e))
    assert [person["employee_id"] for person in told["persons"]] == order
    assert min(means.values()) < 0 < max(means.values())
    for person in told["persons"]:
        listed = by_person[person["employee_id"]]
        assert person["futures"] == len(listed)
        assert person["gains"] == pytest.approx(sum(gain >= MATTERS for gain in listed) / len(listed))
        assert person["loses"] == pytest.approx(sum(gain <= -MATTERS for gain in listed) / len(listed))
        assert person["mean"] == pytest.approx(float(means[person["employee_id"]]), abs=0.005)

    by_age: dict[str, list[Decimal]] = {}
    for at, (_, band) in sorted(bands.items(), key=lambda item: item[1][0]):
        by_age.setdefault(band, []).append(gains[at])
    assert [group["bands"] for group in told["groups"]["age"]] == [[band] for band in by_age]
    for group, listed in zip(told["groups"]["age"], by_age.values(), strict=True):
        assert group["people"] == pytest.approx(len(listed) / 3)
        assert group["gains"] == pytest.approx(sum(gain >= MATTERS for gain in listed) / len(listed))
        assert group["total"] == pytest.approx(float(sum(listed)) / 3, abs=0.005)
    with made.connect() as connection:
        cells = group_gains(connection, "baseline", "stretch", ["age", "pay"], seeds=[1, 2, 3], years=[2025, 2026])
    assert {cell.bands[0] for cell in cells} == set(by_age)
    assert sum(cell.people for cell in cells) == pytest.approx(len(gains) / 3)
    for groups in [*told["groups"].values(), [cell.as_json() for cell in cells]]:
        assert sum(float(group["total"]) for group in groups) == pytest.approx(float(sum(gains.values())) / 3, abs=0.05)


@pytest.mark.parametrize(("form", "separator"), [("tsv", "\t"), ("csv", ","), ("markdown", "|")])
def test_several_scenarios_are_one_table_for_a_spreadsheet(planwise: Any, form: str, separator: str) -> None:
    names = ["measure", "year", "baseline", "stretch", "stretch_difference", "stretch_standard_error"]
    names += ["baseline (2)", "baseline_difference", "baseline_standard_error"]
    lines = planwise("compare", "baseline", "stretch", "baseline", "--format", form).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(separator)] for line in lines if "---" not in line]
    assert cells[0] == names
    assert len(cells) > 20
    for row in cells[1:]:
        assert float(row[3]) - float(row[2]) == pytest.approx(float(row[4]), abs=1e-5)
        assert float(row[7]) == 0


def test_a_table_of_people_for_a_spreadsheet_holds_no_formula(planwise: Any) -> None:
    lines = planwise("compare", "baseline", "stretch", "--by", "person", "--limit", "1000", "--format", "tsv").splitlines()
    assert lines[0].split("\t")[:3] == ["employee", "futures", "gains"]
    assert "'=1+1" in {line.split("\t")[0] for line in lines}
    listed = planwise("compare", "baseline", "stretch", "--people", "--limit", "30", "--format", "csv").splitlines()
    assert len(list(csv.DictReader(listed))) == 30
    by_level = planwise("compare", "baseline", "stretch", "--people", "--by", "level").splitlines()
    assert by_level[0].split()[:2] == ["level", "people"]


def test_a_scenario_does_not_differ_from_itself(planwise: Any) -> None:
    told = json.loads(planwise("compare", "baseline", "baseline", "--people", "--json"))
    assert told["people"]["differing"] == 0
    assert all(fact["difference"] == 0 for fact in told["facts"])


def test_a_pipe_gets_rows_without_lines_or_colours(planwise: Any) -> None:
    for words in (["results"], ["compare", "baseline", "stretch"], ["person", "E00001"], ["config", "explain"]):
        told = planwise(*words)
        assert not re.search(r"[\u2500-\u257f\x1b]", told)
    rows = planwise("compare", "baseline", "stretch").splitlines()
    assert rows[0].split() == ["measure", "year", "baseline", "stretch", "difference", "standard_error"]
    assert all(len(re.split(r" {2,}", row.strip())) == 6 for row in rows)


def test_a_person_has_all_events_of_theirs(made: Simulation, planwise: Any) -> None:
    told = json.loads(planwise("person", "E00001", "--seed", "2", "--json"))
    events = made.query(
        "select event_type from fct_yearly_events where scenario_id = 'baseline' and seed = 2 and employee_id = 'E00001'"
        " order by simulation_year, event_sequence"
    )
    assert [(event["event_type"],) for event in told["events"]] == events
    assert [year["simulation_year"] for year in told["years"]] == [2025, 2026]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compare", "baseline"], "compare takes 2 to 6 scenarios"),
        (["compare", "baseline", "stretch", "baseline", "--people"], "--people compares two scenarios"),
        (["compare", "baseline", "stretch", "--by", "wage"], "There is no cut 'wage'"),
        (["compare", "baseline", "strech"], "Did you mean stretch? There are: baseline, stretch."),
        (["person", "E0001"], "There is no employee 'E0001'"),
        (["person", "E0001"], "E00001"),
        (["person", "E00001", "--seed", "9"], "There are: 1, 2, 3."),
        (["person", "E00001", "--scenario", "base"], "There are: baseline, stretch."),
        (["results", "--measure", "cost"], "There are: opening, hires"),
        (["results", "--above", "nan"], "--above nan: give an amount"),
        (["results", "--tests", "--by", "division"], "--by cuts the figures, not what --tests shows"),
        (["results", "--above", "5", "--by", "division"], "--by cuts the figures, not what --above shows"),
        (["results", "--precision", "0.1", "--by", "division"], "--by cuts the figures, not what --precision shows"),
        (["compare", "baseline", "stretch", "--seed", "1"], "--seed 1: choose a seed with --people"),
        (["why", "baseline", "--from", "2031"], "--from 2031: give a year within 2025-2026"),
        (["why", "baseline", "stretch", "--to", "2031"], "--to 2031: give a year within 2025-2026"),
        (["export", "--table", "fct_plan"], "Did you mean fct_plan_cost?"),
        (["compare", "baseline", "stretch", "--years", "2031"], "give a year or a span within 2025-2026"),
        (["config", "explain", "no.such"], "No setting has 'no.such'"),
    ],
)
def test_what_is_unknown_is_answered_with_what_there_is(words: list[str], told: str, planwise: Any) -> None:
    assert told in planwise(*words, code=2)


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--out", "taken/book.xlsx"],
        ["export", "--out", "/proc/book.xlsx"],
        ["export", "--format", "csv", "--out", "taken"],
        ["report", "--out", "taken/report.html"],
    ],
)
def test_a_file_that_cannot_be_written_is_said_in_a_line(words: list[str], planwise: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file\n", encoding="utf-8")
    assert "cannot be written" in planwise(*words, code=2)
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "a file\n"


def test_the_commands_are_there_without_dagster() -> None:
    """Importing it takes seconds, which `planwise results` need not pay."""
    code = "import sys, planwise_assets.commands.cli; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=PROJECT_ROOT).returncode == 0


def test_every_command_is_in_the_reference() -> None:
    text = (PROJECT_ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert set(COMMANDS) <= set(re.findall(r"^\| `(\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    """`planwise --help` reads the commands' files and imports none of them."""
    sentence = next(line for line in CliRunner().invoke(app, [name, "--help"]).output.splitlines()[3:] if line.strip())
    assert " ".join(sentence.split()) in " ".join(re.sub("[│]", "", CliRunner().invoke(app, ["--help"]).output).split())


def test_a_command_imports_no_other() -> None:
    code = (
        "import sys\nfrom planwise_assets.commands.cli import app\n"
        "try: app(['verify', '--help'])\n"
        "except SystemExit: pass\n"
        "names = {name.rpartition('.')[2] for name in sys.modules if name.startswith('planwise_assets.commands.')}\n"
        "sys.exit(bool(names & set(sys.argv[1:])))"
    )
    others = [name for name in COMMANDS if name != "verify"]
    ran = subprocess.run([sys.executable, "-c", code, *others], check=False, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    assert ran.returncode == 0


def test_a_command_that_is_not_there_is_answered_with_those_like_it() -> None:
    assert "Did you mean 'verify'?" in CliRunner().invoke(app, ["verfy"]).stderr


def test_nothing_published_is_said(made: Simulation, planwise: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "empty"))
    assert "no published results yet" in planwise("results", code=1)


def test_the_report_is_complete_in_itself(planwise: Any, tmp_path: Path) -> None:
    planwise("report", "--out", "deep/report.html")
    page = (tmp_path / "deep" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|iframe|object)|url\(|@import|src=|href=\"[^#]", page)
    assert page.count("<svg ") == page.count("</svg>") == 8 + 1
    assert all(f'aria-labelledby="{name}-title {name}-text"' in page for name in ("chart-headcount", "chart-net-cost"))
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert '<span class="tag">deterministic</span>' in page
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["report.html"]
    planwise("report", "--one-page", "--out", "one.html")
    first = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert re.findall('<section id="(\\w+)"', first) == ["decision"]
    assert first.partition("<section")[2].partition("</section>")[0] in page


def test_csv_holds_no_formula(made: Simulation, planwise: Any, tmp_path: Path) -> None:
    planwise("export", "--format", "csv", "--out", "out")
    with (tmp_path / "out" / "fct_workforce_snapshot.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == made.query("select count(*) from fct_workforce_snapshot")[0][0]
    assert any(row["employee_id"] == "'=1+1" for row in rows)
    texts = [value for row in rows for value in row.values() if value and not re.fullmatch(r"-?[0-9.]+", value)]
    assert not [text for text in texts if text[0] in "=+-@\t\r\n"]


def test_a_workbook_holds_figures_texts_and_their_origin(made: Simulation, planwise: Any, tmp_path: Path) -> None:
    planwise("export", "--table", "fct_workforce_snapshot", "--out", "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        sheets = {name: book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")}
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
    told = ["about", "summary", "bands", "tests", "law", "corrections"]
    assert names == [*told, "fct_workforce_snapshot", "scenarios", "columns"]
    about, snapshot, columns = (sheets[f"xl/worksheets/sheet{place}.xml"] for place in (1, 7, 9))
    assert not any("<f>" in sheet for sheet in sheets.values())
    assert snapshot.count("<row ") == made.query("select count(*) from fct_workforce_snapshot")[0][0] + 1
    assert "=1+1" in snapshot
    assert "scenarios.stretch.workforce.growth" in about
    assert re.search(r"[0-9a-f]{64}", about)
    assert "2026: closing_hash" in about
    # Rates are shown in per cent, whatever table they stand in, and the summary has a chart that the program draws itself.
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        styles, charts = book.read("xl/styles.xml").decode(), [n for n in book.namelist() if n.startswith("xl/charts/chart")]
        drawn = book.read(charts[0]).decode()
    assert len(charts) == 1
    assert (drawn.count("<c:ser>"), "Stretch" in drawn, "summary" in drawn) == (2, True, True)
    kinds = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    rates = re.findall(r'<c r="W\d+" s="(\d+)"><v>', snapshot)
    assert rates
    formats = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    assert {formats[kinds[int(style)]] for style in rates} == {"0.00%"}
    assert "Yearly pay in force at year end or at the exit." in columns


def test_a_table_that_no_sheet_holds_is_refused(made: Simulation, tmp_path: Path) -> None:
    warehouse = str(made.project.settings.warehouse("told"))
    with duckdb.connect() as connection, duckdb.connect(warehouse, read_only=True) as published:
        connection.execute(f"create table long as select * from range({SHEET_ROWS})")
        with pytest.raises(TooLargeError, match="1,048,575"):
            write_workbook(connection, read_published(published), [], ["long"], tmp_path / "long.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_settings_are_told_with_their_origin(planwise: Any) -> None:
    told = json.loads(planwise("config", "explain", "workforce.growth", "--json"))
    assert [(item["value"], item["origin"]) for item in told] == [("0.03", "shipped default"), ("0.06", "scenario")]
    changed = json.loads(planwise("config", "explain", "--changed", "--json"))
    assert "scenarios.baseline.workforce.growth" not in {item["key"] for item in changed}


def test_steps_count_once_they_have_left_a_record_of_this_run(tmp_path: Path) -> None:
    folder = tmp_path / "simulation_year=2025"
    assert finished_steps(tmp_path, 2025, 0) == set()
    folder.mkdir()
    (folder / "foundation.json").touch()
    (folder / "foundation.attempt_1.json").touch()
    assert finished_steps(tmp_path, 2025, 0) == {"foundation"}
    assert finished_steps(tmp_path, 2025, (folder / "foundation.json").stat().st_mtime + 1) == set()


def test_bad_rows_of_a_strangers_census_are_told(planwise: Any, made: Simulation, tmp_path: Path) -> None:
    (made.project.settings.home / "dbt").mkdir(exist_ok=True)
    cache = made.project.settings.home / "dbt" / made.project.dbt.folder.name
    if not cache.exists():
        cache.symlink_to(made.project.dbt.folder, target_is_directory=True)
    census = str(PROJECT_ROOT / "data" / "stranger_census.csv")
    told = json.loads(planwise("init", census, "--yes", "--years", "2025-2026", "--json", code=1))
    assert (told["rows"], told["active"], told["rejected_rows"], told["usable"]) == (120, 116, 4, False)
    assert {(reject["place"], reject["column"]) for reject in told["rejects"]} == {
        (18, "hire_date"),
        (43, "annual_compensation"),
        (89, "employee_id"),
        (90, "employee_id"),
    }
    assert told["ignored"] == ["Dept"]
    assert sum(told["lines"].values()) == len(Path(census).read_text(encoding="utf-8").splitlines()) == 121
    assert sum(told["people"].values()) == told["rows"]
    assert "there already" in planwise("init", census, "--yes", code=2)
    planwise("init", census, "--yes", "--force", "--years", "2025-2026", "--reject-limit", "0.05")
    assert "no column 'pay'" in planwise("init", census, "--yes", "--out", "b.yaml", "--map", "DOB=pay", code=2)
    # Terms that break a safe harbor: a mistake in the arguments, told before the census is read, and nothing is written.
    slow = ("init", "no_such_census.csv", "--out", "b.yaml", "--safe-harbor", "basic", "--vesting", "3-year cliff")
    assert "vests too slowly for safe_harbor basic" in planwise(*slow, code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.yaml"]


def test_the_plans_tests_are_told_with_their_margins(made: Simulation, planwise: Any, tmp_path: Path) -> None:
    read = json.loads(planwise("results", "--tests", "--json"))
    told = read["tests"]
    (adp,) = [row for row in told if (row["scenario_id"], row["simulation_year"], row["test"]) == ("baseline", 2026, "ADP")]
    rows = made.query(
        "select hce_rate, nhce_rate, threshold, passed, excess_amount from fct_nondiscrimination_tests"
        " where scenario_id = 'baseline' and simulation_year = 2026 and test = 'ADP'"
    )
    margins = [float(limit - highly) for highly, _, limit, *_ in rows]
    assert adp["hce_rate"] == pytest.approx(statistics.fmean(float(row[0]) for row in rows))
    assert adp["nhce_rate"] == pytest.approx(statistics.fmean(float(row[1]) for row in rows))
    assert (adp["margin"], adp["worst_margin"]) == (pytest.approx(statistics.fmean(margins)), pytest.approx(min(margins)))
    assert (adp["seeds"], adp["failed"]) == (3, sum(not row[3] for row in rows))
    assert adp["worst_excess"] == float(max(row[4] for row in rows))
    printed = planwise("results", "--tests").splitlines()
    # After them, under a line of names of their own, what the law asks of the plan as a whole.
    assert printed.index("") == 1 + len(told)
    assert printed[printed.index("") + 1].split()[:3] == ["scenario", "years", "test"]
    planwise("report", "--out", "report.html")
    planwise("export", "--out", "book.xlsx")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<td>{adp['margin'] * 100:+.2f} pt</td><td>{adp['worst_margin'] * 100:+.2f} pt</td>" in page
    assert "What the law asks of the plan as a whole" in page
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet4.xml").decode()
        law, corrections = (book.read(f"xl/worksheets/sheet{place}.xml").decode() for place in (5, 6))
    assert "worst margin" in sheet
    assert sheet.count("<row ") == 1 + len(told)
    assert law.count("<row ") == 1 + len(read["law"])
    assert corrections.count("<row ") == 1 + len(read["corrections"])


def test_a_text_that_no_cell_holds_is_refused_and_a_long_fact_goes_on(made: Simulation, tmp_path: Path) -> None:
    warehouse = str(made.project.settings.warehouse("told"))
    with duckdb.connect(warehouse, read_only=True) as published:
        origin = read_published(published)
    long = replace(origin, study="x" * 40_000 + "the end")
    copy = tmp_path / "copy.duckdb"
    shutil.copy(warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create table long as select 'y'.repeat(40000) as text")
        write_workbook(connection, long, [], [], tmp_path / "book.xlsx")
        with pytest.raises(TooLargeError, match="40,000 characters"):
            write_workbook(connection, origin, [], ["long"], tmp_path / "long.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        about = book.read("xl/worksheets/sheet1.xml").decode()
    assert about.count("x" * 7_233) == 5
    assert "the end" in about
    assert not (tmp_path / "long.xlsx").exists()
