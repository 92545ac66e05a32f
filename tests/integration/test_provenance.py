"""Every reader shows what was simulated, under its own name, and says what is different today.

A matrix: readers (results, bands, chances, tests, compare, people, why, person, report, export, the provenance sheet, the
page in Dagster, verify) x changes (census, setting, code, year dropped, year added, scenario renamed, another study of that
name, home moved). In every cell the figures, the settings, the name and the hashes are those of the simulation; and the
difference is said, or there is none.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner, Result

from planwise_assets.commands.cli import app
from planwise_assets.project import Project
from planwise_assets.settings import Settings
from planwise_assets.study.file.load import load_study
from planwise_assets.ui.overview import overview
from planwise_assets.year.state.owner import owned_by_another
from resources.files import content_hash
from tests.harness import TINY_CENSUS, share_compiled_project, simulation

STUDY: dict[str, Any] = {
    "study": "client",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "seeds": [1, 2],
    "scenarios": {"baseline": {}, "richer_match": {"plan": {"match": {"tiers": [{"up_to": 0.06, "rate": 1}]}}}},
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study: study.yaml, census.csv, home."""
    folder = tmp_path_factory.mktemp("client")
    shutil.copy(TINY_CENSUS, folder / "census.csv")
    made = simulation(folder, STUDY).run(tested=False).publish()
    share_compiled_project(made.project.settings.home)
    return folder


@dataclass
class Place:
    """Where a study is opened from: its file, its home, and the folder in which all of it is."""

    folder: Path
    study_file: Path
    home: Path

    def rewrite(self, **changes: Any) -> None:
        """Changes the top level of the study file."""
        study = yaml.safe_load(self.study_file.read_text(encoding="utf-8"))
        self.study_file.write_text(yaml.safe_dump({**study, **changes}, sort_keys=False), encoding="utf-8")


@pytest.fixture
def place(simulated: Path, tmp_path: Path) -> Iterator[Place]:
    """The study, in its own place; what a test changes there is put back afterwards."""
    kept = {name: (simulated / name).read_bytes() for name in ("study.yaml", "census.csv")}
    yield Place(tmp_path, simulated / "study.yaml", simulated / "home")
    for name, content in kept.items():
        (simulated / name).write_bytes(content)


def census_changed(place: Place) -> None:
    file = place.study_file.with_name("census.csv")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))


def setting_changed(place: Place) -> None:
    study = yaml.safe_load(place.study_file.read_text())
    study["scenarios"]["richer_match"]["plan"]["match"]["tiers"][0]["up_to"] = 0.05
    place.rewrite(scenarios=study["scenarios"])


def code_changed(place: Place) -> None:
    """As if another PlanWise had made the results: what the warehouse says of one model is another hash."""
    place.home = Path(shutil.copytree(place.home, place.folder / "home", symlinks=True))
    with duckdb.connect(str(place.home / "warehouse" / "client.duckdb")) as connection:
        for year, text in connection.execute("select simulation_year, fingerprint from provenance").fetchall():
            fingerprint = json.loads(text)
            code = json.loads(fingerprint["code"])
            code["model int_raise_events"] = "another"
            fingerprint["code"] = json.dumps(code, sort_keys=True)
            connection.execute(
                "update provenance set fingerprint = ? where simulation_year = ?", [json.dumps(fingerprint), year]
            )
    for year in (2025, 2026):
        marker = place.home / "lake" / "client" / "year_complete" / f"simulation_year={year}" / "year_complete.json"
        marker.write_text(marker.read_text().replace('model int_raise_events\\": \\"', 'model int_raise_events\\": \\"0'))


def year_dropped(place: Place) -> None:
    place.rewrite(years={"start": 2025, "end": 2025})


def year_added(place: Place) -> None:
    place.rewrite(years={"start": 2025, "end": 2027})


def scenario_renamed(place: Place) -> None:
    scenarios = yaml.safe_load(place.study_file.read_text())["scenarios"]
    place.rewrite(scenarios={"baseline": {}, "better_match": scenarios["richer_match"]})


def words_changed(place: Place) -> None:
    """Titles and descriptions decide no result: the readers show today's, and nothing is stale."""
    study = yaml.safe_load(place.study_file.read_text(encoding="utf-8"))
    scenarios = {**study["scenarios"], "richer_match": {**study["scenarios"]["richer_match"], "title": "Six for six"}}
    place.rewrite(title="What does it cost?", description="Whether to give more.", scenarios=scenarios)


def another_study(place: Place) -> None:
    """Another client's folder, with files of the same names and a study of the same name."""
    folder = place.folder / "other"
    folder.mkdir()
    lines = TINY_CENSUS.read_text().splitlines(keepends=True)
    (folder / "census.csv").write_text("".join(lines[:20]))
    shutil.copy(place.study_file, folder / "study.yaml")
    place.study_file = folder / "study.yaml"


def home_moved(place: Place) -> None:
    place.home = Path(shutil.copytree(place.home, place.folder / "elsewhere", symlinks=True))


def nothing(place: Place) -> None:
    """The study as it was simulated."""


#: What a reader must say of each change, in a word or two; empty: nothing is different.
CHANGES: dict[Callable[[Place], None], str] = {
    nothing: "",
    home_moved: "",
    words_changed: "",
    census_changed: "the census file",
    setting_changed: "plan.match.tiers[row 1].up_to: 0.06 -> 0.05",
    code_changed: "the code (model int_raise_events)",
    year_dropped: "2026 is no longer in the study",
    year_added: "2027 is not simulated",
    scenario_renamed: "scenarios: baseline, richer_match -> baseline, better_match",
}


def command(*words: str) -> Callable[[Place, CliRunner], Result]:
    return lambda place, runner: runner.invoke(app, [*words, "--strict"])


def report(place: Place, runner: CliRunner) -> Result:
    return runner.invoke(app, ["report", "--out", str(place.folder / "report.html"), "--strict"])


def export(place: Place, runner: CliRunner) -> Result:
    return runner.invoke(app, ["export", "--out", str(place.folder / "book.xlsx"), "--strict"])


READERS: dict[str, Callable[[Place, CliRunner], Result]] = {
    "results": command("results"),
    "results json": command("results", "--json"),
    "bands": command("results", "--bands"),
    "chances": command("results", "--above", "1000", "--json"),
    "tests": command("results", "--tests", "--json"),
    "people": command("compare", "baseline", "richer_match", "--people", "--json"),
    "gains": command("compare", "baseline", "richer_match", "--by", "age"),
    "why": command("why", "baseline", "richer_match", "--json"),
    "why years": command("why", "richer_match"),
    "compare": command("compare", "baseline", "richer_match", "--json"),
    "person": command("person", "E00001", "--json"),
    "report": report,
    "export": export,
}


@pytest.fixture
def runner(place: Place, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(place.folder)
    return CliRunner()


def open_from(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_STUDY", str(place.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(place.home))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("reader", READERS)
def test_readers_show_what_was_simulated_and_say_what_differs(
    reader: str, change: Callable[[Place], None], place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    census, study_file = (content_hash(place.study_file.with_name(name)) for name in ("census.csv", "study.yaml"))
    change(place)
    open_from(place, monkeypatch)
    told = READERS[reader](place, runner)
    said = CHANGES[change]
    assert told.exit_code == (1 if said else 0), told.output
    assert said in told.stderr
    assert told.stderr.count("planwise simulate") == (1 if said else 0)
    if reader in ("results json", "chances", "tests", "people", "why", "compare", "person"):
        found = json.loads(told.stdout)
        found = found.get("of", found)
        assert (found["census"]["sha256"], found["study_file"]["sha256"]) == (census, study_file)
        assert list(found["scenarios"]) == ["baseline", "richer_match"]
        assert found["years"] == [2025, 2026]
        assert said in " ".join(found["differs_now"])
    if reader == "compare":
        settings = json.loads(told.stdout)["settings"]
        assert "0.06" in [setting["b"] for setting in settings]
        assert all(setting["b"] != "0.05" for setting in settings)
    if reader == "report":
        page = unescape((place.folder / "report.html").read_text(encoding="utf-8"))
        assert census in page
        assert ('class="stale"' in page) == bool(said)
        assert said in page
        assert "Better match" not in page
        assert ("What does it cost?" in page and "Six for six" in page) == (change is words_changed)
        assert "100 % of the first 6 % of pay" in page
    if reader == "export":
        with zipfile.ZipFile(place.folder / "book.xlsx") as book:
            about = unescape(book.read("xl/worksheets/sheet1.xml").decode())
        assert census in about
        assert said in about


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_provenance_sheet_is_of_what_was_simulated_and_says_what_differs(
    change: Callable[[Place], None], place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    census = content_hash(place.study_file.with_name("census.csv"))
    change(place)
    open_from(place, monkeypatch)
    file = place.folder / "sheet.json"
    told = runner.invoke(app, ["provenance", "--format", "json", "--no-checks", "--strict", "--out", str(file)])
    # Without its checks a sheet is incomplete, whatever else.
    assert told.exit_code == 1, told.output
    assert CHANGES[change] in told.stderr
    assert ("planwise simulate" in told.stderr) == bool(CHANGES[change])
    assert census in file.read_text(encoding="utf-8")
    assert "better_match" not in json.loads(file.read_text(encoding="utf-8"))["scenarios"]


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_shows_the_results_of_another_study(
    reader: str, place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = place.study_file
    another_study(place)
    open_from(place, monkeypatch)
    told = READERS[reader](place, runner)
    assert told.exit_code == 2
    assert not told.stdout
    assert str(then) in told.stderr
    assert str(place.study_file) in told.stderr
    assert "PLANWISE_HOME" in told.stderr
    assert not list(place.folder.glob("*.html")) + list(place.folder.glob("*.xlsx"))


def project_of(place: Place) -> Project:
    settings = Settings(home=place.home, study_file=place.study_file)
    return Project.load(settings)


def test_no_run_overwrites_the_results_of_another_study(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=place.home, study_file=place.study_file)
    assert owned_by_another(settings, load_study(place.study_file)) is None
    another_study(place)
    open_from(place, monkeypatch)
    refused = CliRunner().invoke(app, ["simulate"])
    assert refused.exit_code == 2
    assert "are of another study" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_study_that_was_moved_or_copied_is_still_the_same(
    place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = place.folder / "copy"
    shutil.copytree(place.study_file.parent, copy, symlinks=True)
    place.study_file = copy / "study.yaml"
    open_from(place, monkeypatch)
    assert READERS["results"](place, runner).exit_code == 0
    # A copy that goes its own way is a second study, as long as the first is there.
    setting_changed(place)
    assert READERS["results"](place, runner).exit_code == 2


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_verify_says_it_too(
    change: Callable[[Place], None], place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(place)
    open_from(place, monkeypatch)
    told = runner.invoke(app, ["verify"])
    expected = {
        year_dropped: "a year that is no longer one of the study's",
        year_added: "2027: ",
        scenario_renamed: "baseline, richer_match -> baseline, better_match",
    }.get(change, CHANGES[change])
    assert told.exit_code == (1 if expected else 0), told.output
    assert expected in told.output
    assert max(map(len, told.output.splitlines())) < 1000


def test_verify_names_another_study(place: Place, runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    another_study(place)
    open_from(place, monkeypatch)
    told = runner.invoke(app, ["verify"])
    assert told.exit_code == 1
    assert "belongs to another study" in told.output


def test_the_page_in_dagster_says_what_it_was_made_from(place: Place) -> None:
    with duckdb.connect(str(place.home / "warehouse" / "client.duckdb"), read_only=True) as connection:
        page = overview(connection)
    assert f"2025, 2026: `{place.study_file}`" in page
    assert content_hash(place.study_file.with_name("census.csv")) in page
    assert "seeds 1, 2" in page


def test_what_should_be_known_reaches_whoever_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People who are paid outside all bands, and a plan of 2024 that law wants to enrol automatically."""
    rows = TINY_CENSUS.read_text().splitlines()
    head = rows[0].split(",")
    paid, level = head.index("annual_compensation"), head.index("level_id")
    odd = [
        cells if place else [*cells[:paid], "2000000.00", *cells[paid + 1 :]]
        for place, cells in enumerate(row.split(",") for row in rows[1:])
    ]
    odd[0][level] = ""
    (tmp_path / "census.csv").write_text("\n".join([rows[0], *map(",".join, odd)]) + "\n")
    plan = {"plan": {"adopted": "2024-01-01", "auto_enrollment": {"enabled": False}}}
    study = {**STUDY, "years": {"start": 2025, "end": 2025}, "scenarios": {"baseline": plan}}
    made = simulation(tmp_path, study).run(tested=False).publish()
    share_compiled_project(made.project.settings.home)
    place = Place(tmp_path, made.project.settings.study_file, made.project.settings.home)
    open_from(place, monkeypatch)
    monkeypatch.chdir(tmp_path)
    said = json.loads(CliRunner().invoke(app, ["results", "--json"]).stdout)["warnings"]
    assert [warning["years"] for warning in said] == [[2025], [2025]]
    assert "414A" in said[0]["warning"]
    assert said[1]["warning"].startswith("1 people, counted in each scenario, whose pay is in no band")
    report(place, CliRunner())
    page = unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert all(warning["warning"] in page for warning in said)
