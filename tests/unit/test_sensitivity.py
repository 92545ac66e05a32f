"""The list of assumptions, the worlds that it makes of a scenario, and the swings of figures that are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from planwise_assets.report.tornado import tornado_section
from planwise_assets.results.measures import MEASURES, Values
from planwise_assets.sensitivity.ranges import read_ranges
from planwise_assets.sensitivity.swings import heaviest, sensitivity
from planwise_assets.sensitivity.worlds import AS_IT_IS, Side, Varied, Worlds, read_worlds, worlds_of, write_worlds
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.document import read_document
from planwise_assets.study.file.load import load_study


def worlds(folder: Path, scenario: dict[str, Any], own: str = "{}") -> Worlds:
    """The worlds of a scenario with the shipped list and some YAML beside it."""
    study, listed = folder / "client.yaml", folder / "own.yaml"
    content = {"study": "client", "census": "people.csv", "years": {"start": 2025, "end": 2026}, "groups": ["Site"]}
    defaults = {"compensation": {"merit_service_months": 3}}
    study.write_text(yaml.safe_dump({**content, "defaults": defaults, "scenarios": {"one": scenario}}), encoding="utf-8")
    listed.write_text(own, encoding="utf-8")
    return worlds_of(read_document(study), load_study(study), "one", read_ranges(listed)[0], [7, 8])


def one(setting: str, low: str, high: str) -> str:
    return f"own: {{what: Own, setting: {setting}, low: {{{low}, source: a}}, high: {{{high}, source: b}}}}"


def test_every_low_and_high_names_a_source() -> None:
    ranges, own = read_ranges()
    assert len(ranges) >= 10
    assert not own
    for name, found in ranges.items():
        assert len(found.low.source) >= len("judgement"), name
        assert len(found.high.source) >= len("judgement"), name


def test_all_shipped_assumptions_can_be_varied_in_the_shipped_scenario(tmp_path: Path) -> None:
    made = worlds(tmp_path, {"title": "As it is"})
    assert not made.left_out
    loaded = load_study(write_worlds(made, tmp_path / "apart"))
    assert list(loaded.scenarios) == [
        AS_IT_IS, *(side.scenario for each in made.varied for side in (each.low, each.high))
    ]  # fmt: skip
    assert loaded.seeds == (7, 8)
    # What the study says for all scenarios holds in every world; nothing is cut by groups.
    assert {scenario.compensation.merit_service_months.at(2025) for scenario in loaded.scenarios.values()} == {3}
    assert not loaded.groups
    record = read_worlds(tmp_path / "apart")
    assert record is not None
    assert record[2] == list(made.varied)


@pytest.mark.parametrize(
    ("scenario", "own", "values"),
    [
        ({}, one("workforce.growth", "add: -0.01", "add: 0.02"), ("2 %", "5 %")),
        ({"workforce": {"growth": {2025: 0.03, 2026: 0.01}}}, one("workforce.growth", "add: -0.01", "times: 2"),
         ("2 % from 2025, 0 % from 2026", "6 % from 2025, 2 % from 2026")),
        ({}, one("compensation.cola", "value: 0", "value: {2025: 0.01, 2026: 0.02}"),
         ("0 %", "1 % from 2025, 2 % from 2026")),
        ({}, one("hazards.retirement", "times: 0.8", "times: 1.9"), ("× 0.8", "× 1.9")),
        ({}, one("plan.auto_enrollment.window_days", "add: -10", "times: 2"), ("20", "60")),
        ({}, one("workforce.selection", "value: exact", "value: bernoulli"), ("exact", "bernoulli")),
        ({"workforce": {"termination_rate": "hazard"}}, one("[workforce.termination_rate, hazards.termination.base]",
         "times: 0.5", "times: 2"), ("4.25 %", "17 %")),
    ],
)  # fmt: skip
def test_values_are_of_the_scenario_or_the_lists(
    scenario: dict[str, Any], own: str, values: tuple[str, str], tmp_path: Path
) -> None:
    varied = next(each for each in worlds(tmp_path, scenario, own).varied if each.name == "own")
    assert (varied.low.value, varied.high.value) == values
    assert (varied.low.source, varied.high.source) == ("a", "b")


def test_the_rows_of_a_table_are_multiplied_one_by_one(tmp_path: Path) -> None:
    rows = [{"min": 0, "max": 40, "rate": 0.1}, {"min": 40, "rate": 0.2}]
    scenario = {"plan": {"auto_enrollment": {"opt_out": {"age": rows}}}}
    made = worlds(tmp_path, scenario, one("plan.auto_enrollment.opt_out.age", "times: 0.5", "times: 3"))
    loaded = load_study(write_worlds(made, tmp_path / "apart"))
    age = loaded.scenarios["own_high"].plan.auto_enrollment.opt_out.age
    assert [(row.min, row.max, float(row.rate)) for row in age] == [(0, 40, 0.3), (40, None, 0.6)]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (one("plan.auto_enrollment.opt_out.age", "times: 1", "times: 20"), "rate is 2"),
        (one("plan.auto_enrollment.opt_out.age", "add: 0.1", "times: 1"), "rows have no number"),
        (one("workforce.grwth", "value: 0", "value: 1"), "workforce.grwth is not a setting"),
        (one("workforce.selection", "add: 1", "add: 2"), "has no number"),
        (one("workforce", "value: 0", "value: 1"), "workforce is not a setting"),
    ],
)
def test_what_cannot_be_varied_is_left_out_with_the_reason(own: str, told: str, tmp_path: Path) -> None:
    made = worlds(tmp_path, {}, own)
    assert told in made.left_out["own"]
    assert "own" not in {each.name for each in made.varied}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("own:\n  what: A\n  setting: b\n  low: {value: 1, source: c}\n", "line 1: own.high is missing"),
        ("own:\n  what: A\n  setting: b\n  low: {value: 1}\n  high: {value: 1, source: d}", "4: own.low.source is missing"),
        (one("a", "value: 1, add: 2", "value: 1"), "own.low must have one of value, add and times"),
        (one("a", "value: 1, ad: 2", "value: 1"), "own.low.ad is not known here"),
        (one("7", "value: 1", "value: 1"), "own.setting must be a key of the study file"),
        ("own: 3", "own must be a mapping with what"),
        ("Own Name: 3", "must be"),
        ("", "the file is empty"),
        ("[1, 2]", "must be a mapping"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        read_ranges(file)
    assert told in str(refused.value)
    assert "list of assumptions" in str(refused.value)
    assert "PLANWISE_STUDY" not in str(refused.value)


def test_a_persons_entry_takes_the_place_of_the_shipped_one_or_drops_it(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("growth: null\ncola: {what: Ours, setting: compensation.cola, low: {value: 0, source: us}, "
                    "high: {value: 0.02, source: them}}\n", encoding="utf-8")  # fmt: skip
    ranges, own = read_ranges(file)
    assert "growth" not in ranges
    assert ranges["cola"].what == "Ours"
    assert own == {"growth", "cola"}


def figures(costs: dict[str, list[list[float]]]) -> Values:
    """Net cost by scenario, seed and year; each row is a seed."""
    return {
        (scenario, seed, 2025 + place): {**dict.fromkeys(MEASURES), "net_cost": value, "participation": value / 1000}
        for scenario, seeds in costs.items()
        for seed, years in enumerate(seeds)
        for place, value in enumerate(years)
    }


def varied(name: str) -> Varied:
    return Varied(name, name.title(), "a", "1 %", Side(f"{name}_low", "0 %", "x"), Side(f"{name}_high", "2 %", "y"))


def test_swings_by_hand() -> None:
    """Totals over two years: as it is 30 and 50; low 24 and 40; high 33 and 51. So -6 and -10, mean -8, s / sqrt 2 = 2."""
    values = figures(
        {
            AS_IT_IS: [[10, 20], [20, 30]],
            "small_low": [[10, 19], [20, 31]],
            "small_high": [[10, 20], [20, 30]],
            "large_low": [[9, 15], [20, 20]],
            "large_high": [[11, 22], [21, 30]],
        }
    )
    found = sensitivity(values, "one", [varied("small"), varied("large"), varied("gone")])
    assert [swing.varied.name for swing in found.swings] == ["large", "small"]
    large, small = found.swings
    assert (large.low.less.mean, large.low.less.standard_error, large.low.more) == (-8, 2, 0)
    assert (large.high.less.mean, large.high.more) == (2, 2)
    # High less low, seed by seed: 9 and 11.
    assert (large.size, large.difference.standard_error) == (10, 1)
    assert (small.low.less.mean, small.low.less.standard_error, small.is_none) == (0, 1, False)
    assert found.span == "2025–2026"
    assert (found.as_it_is.mean, found.seeds) == (40, 2)
    # A share is not summed: it is that of the last year.
    share = sensitivity(values, "one", [varied("large")], "participation")
    assert share.span == "2026"
    assert share.swings[0].low.less.mean == pytest.approx(-0.0075)


def test_the_tornado_says_with_words_what_it_draws() -> None:
    values = figures({AS_IT_IS: [[1e6]], "a_low": [[9e5]], "a_high": [[12e5]], "b_low": [[1e6]], "b_high": [[1e6]]})
    found = sensitivity(values, "one", [varied("b"), varied("a")])
    section = tornado_section(found, "One & all")
    assert "One &amp; all" in section
    assert "A: -$100k at 0 %, +$200k at 2 %." in section
    assert "No difference in any future: B." in section
    assert "too few to say how sure" in section
    # Low and high differ in place, in what stands at their ends, and in colour.
    assert section.count('<rect class="low"') == section.count('<rect class="high"') == 1
    assert [each.says for each in heaviest(found)] == ["A: 1 % is assumed."]
