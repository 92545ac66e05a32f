"""The report's first page: rounding to what is known, certainty only where there is some, groups, colours for all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from math import cbrt
from pathlib import Path

import duckdb
import pytest

from planwise_assets.report.heat import HeatMap, heat_map, heat_section
from planwise_assets.report.outcomes import outcome_cell, outcomes_told, touches_nobody
from planwise_assets.report.page import report_page
from planwise_assets.results.assumptions import assumptions
from planwise_assets.results.certainty import certainty, known
from planwise_assets.results.compliance import PlanTest
from planwise_assets.results.ensembles import band
from planwise_assets.results.winners import summary_gains
from planwise_assets.results.wording import sentence
from planwise_assets.settings import PROJECT_ROOT
from tests.report_data import published, report_of


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (57_123_456, 120_000, "dollars", "$57.1m"),
        (57_123_456, 2_000_000, "dollars", "$57m"),
        (57_123_456, 90_000_000, "dollars", "$60m"),
        (57_123_456, 10, "dollars", "$57.1m"),
        (57_123_456, None, "dollars", "$57.1m"),
        (57_123_456, 0.0, "dollars", "$57.1m"),
        (-1_304_000, 22_000, "dollars", "-$1.30m"),
        (950, None, "dollars", "$950"),
        (0, None, "dollars", "$0"),
        (0.81234, 0.0009, "share", "81.2%"),
        (0.81234, 0.02, "share", "81%"),
        (5150, 0.0, "people", "5,150"),
    ],
)
def test_a_figure_is_rounded_to_what_is_known_of_it(value: float, error: float | None, unit: str, text: str) -> None:
    assert known(value, error, unit) == text  # type: ignore[arg-type]


def test_a_difference_has_its_sign() -> None:
    assert known(2_620_000, 30_000, "dollars", signed=True) == "+$2.62m"
    assert known(-2_620_000, 30_000, "dollars", signed=True) == "-$2.62m"


def test_certainty_is_withheld_under_ten_futures() -> None:
    assert certainty(band([1e6]), 1) == "one future: how sure is not known"
    assert certainty(band([1e6, 2e6, 3e6]), 3) == "3 futures: too few to say how sure (10 are needed)"
    assert certainty(band([0.0] * 3), 0) == "to the dollar"
    listed = [1e6 * place for place in (-1, *range(1, 11))]
    assert certainty(band(listed), 10) == "dearer in 10 of 11 futures\n$1m to $9m"
    assert certainty(band([-dollars for dollars in listed]), 1).startswith("cheaper in 10 of 11 futures")


# Two futures of three people; b gives 100 more to the best paid, 20 less to the worst paid, 5 to the third.
PEOPLE = """
    create table fct_workforce_snapshot as
    select
        scenario_id, seed, 2029 as simulation_year, id as employee_id, age as age_at_year_end, 'any' as age_band,
        1 as tenure_years_at_year_end, 'any' as tenure_band, pay as annual_compensation, 1 as level_id,
        0.00 :: decimal(18, 2) as employer_core, 0.00 :: decimal(18, 2) as forfeited_match,
        0.00 :: decimal(18, 2) as forfeited_core,
        (1000 + case when scenario_id = 'b' then more else 0 end) :: decimal(18, 2) as employer_match
    from (values ('low', 30, 30000, -20), ('mid', 40, 50000, 5), ('top', 60, 90000, 100))
        as people (id, age, pay, more), (values ('a'), ('b')) as scenarios (scenario_id), (values (1), (2)) as seeds (seed)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(PEOPLE)
        opened.execute(
            "create table fct_plan_cost as select 'scenario_0' as scenario_id, 1 as seed, "
            "3e6 :: decimal(18, 2) as match_lost_not_enrolled, 1e6 :: decimal(18, 2) as match_lost_low_deferral"
        )
        yield opened


def test_who_gains_and_who_loses_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    found = [
        (*gain.bands, gain.people, round(gain.gains, 3), round(gain.loses, 3), gain.mean)
        for gain in summary_gains(connection, "a", "b", seeds=[1, 2], years=[2029])
    ]
    assert found == [
        ("Everybody", 3, 0.333, 0.333, Decimal("28.33")),
        ("Lowest-paid third", 1, 0, 1, -20),
        ("Middle third by pay", 1, 0, 0, 5),
        ("Highest-paid third", 1, 1, 0, 100),
        ("Under 35", 1, 0, 1, -20),
        ("35 to 49", 1, 0, 0, 5),
        ("50 and older", 1, 1, 0, 100),
    ]


def test_a_heat_map_says_what_it_colours(connection: duckdb.DuckDBPyConnection) -> None:
    """Three people of one age: 20 dollars less, 5 and 100 more; the deepest colour is the largest of all the maps."""
    found = heat_map(connection, "a", "b", seeds=[1, 2], years=[2029])
    assert (found.rows, found.columns) == (["any"], ["30,000 to 50,000", "50,000 to 75,000", "75,000 to 100,000"])
    nothing = heat_map(connection, "a", "a", seeds=[1, 2], years=[2029])
    section = heat_section({"b": found, "a": nothing}, "2029", "One & all", lambda name: name)
    assert [cell[:3] for cell in re.findall(r'<td class="(\w+)" style="--depth:(\d+)%">([^<]*)<small>', section)] == [
        *[("less", "11", "-$20"), ("more", "3", "+$5"), ("more", "55", "+$100")],
        *[("none", "0", "$0")] * 3,
    ]
    assert "▲0% ▼100%, 1 people" in section
    assert "One &amp; all" in section
    assert heat_section({"b": HeatMap([], [], {})}, "2029", "a", str) == ""


def test_the_heaviest_assumptions_come_first(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    made = published(tmp_path, {"scenario_0": {}, "scenario_1": {"workforce": {"growth": 0.05}}}, seeds=1)
    found = assumptions(connection, made, report_of(tmp_path, scenarios=2, seeds=1).bands)
    assert len(found) == 3
    assert [one.dollars for one in found] == sorted((one.dollars for one in found), reverse=True)
    # 10.01m of cost at 70 % of participation, five years: 5 points are 5 x 10.01 / 70 x 5.
    (joining,) = [one for one in found if "may take part" in one.says]
    assert joining.dollars == pytest.approx(5 * 5 * 10.01e6 / 70.01)
    (saving,) = [one for one in found if "saves more or less" in one.says]
    assert (saving.dollars, "$4.00m of match unused over 2025–2029" in saving.worth) == (4e6, True)


def test_a_scenario_is_one_sentence(tmp_path: Path) -> None:
    richer = {"plan": {"match": {"tiers": [{"up_to": 0.06, "rate": 0.5}]}}}
    many = {"workforce": {"growth": 0.05}, "compensation": {"cola": 0.01}, "hazards": {"promotion": {"base": 0.2}}, **richer}
    made = published(tmp_path, {"base": {}, "richer": richer, "many": many, "twin": {}}, seeds=1)
    assert sentence(made, "base").startswith(
        "Match: 100 % of the first 3 % of pay, 50 % of the next 2 %; Automatic enrolment:"
    )
    assert "Core" not in sentence(made, "base")
    assert sentence(made, "richer") == "Match: 50 % of the first 6 % of pay; all else the same."
    assert sentence(made, "many").endswith("one more setting differs; all else the same.")
    assert sentence(made, "twin") == "The same settings as Base."


def outcome(year: int, failed: int, margin: float) -> PlanTest:
    worst = margin - 0.001
    return PlanTest(
        "a", year, "ADP", "current", 12, failed, 0.07, 0.05, 0.07 + margin, margin, worst, None, 9e3 * failed, 9e4
    )


def test_a_test_shows_the_year_that_is_furthest_from_passing() -> None:
    assert outcome_cell([]) == "-"
    passing = outcome_cell([outcome(2025, 0, 0.01), outcome(2026, 0, 0.002)])
    assert "passes" in passing
    assert "2026: 7.00% of at most 7.20%, +0.20 pt (worst +0.10)" in passing
    failing = outcome_cell([outcome(2025, 1, 0.01), outcome(2026, 3, 0.02), outcome(2027, 0, -0.03)])
    assert "may fail 2025–2026" in failing
    assert "2026, 3 of 12 futures: 7.00% of at most 9.00%" in failing
    assert "excess $27.0k" in failing


def test_the_page_says_what_it_is_made_from_and_nothing_is_fixed_text(tmp_path: Path) -> None:
    page = report_page(report_of(tmp_path, seeds=3, differs=3), date(2026, 11, 30))
    assert "8 of 10" not in page
    assert "3 futures were simulated: how far chance moves a difference is said from 10 on (setting seeds)." in page
    assert "30 November 2026. 5,000 people on 1 January 2025; 3 futures: a sketch." in page
    assert "study.yaml, aaaaaaaaaaaa" in page
    assert "and 1 more. Bring them up to date" in page
    assert not re.search(r"\d\.\d{5}", re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL))
    one = report_page(report_of(tmp_path, seeds=3), date(2026, 11, 30), only_decision=True)
    assert "How to read this" not in one
    assert "What it depends on most" in one


def palettes() -> Iterator[tuple[str, list[str]]]:
    style = (PROJECT_ROOT / "planwise_assets" / "report" / "report.css").read_text(encoding="utf-8")
    for block in re.findall(r"--paper: (#\w+).*?(--c0.*?--c7: #\w+)", style, re.DOTALL):
        paper = block[0] if len(block[0]) == 7 else "#ffffff"
        yield paper, re.findall(r"--c\d: (#\w+)", block[1])


#: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
#: Transactions on Visualization and Computer Graphics 15 (2009), table for severity 1.0; linear RGB.
VISION = {
    "as most see": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8729))


def linear(colour: str) -> tuple[float, ...]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def seen(colour: str, vision: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """CIELAB of a colour as somebody sees it."""
    light = [min(max(sum(a * b for a, b in zip(row, linear(colour), strict=True)), 0), 1) for row in vision]
    x, y, z = (sum(a * b for a, b in zip(row, light, strict=True)) for row in XYZ)
    fx, fy, fz = (cbrt(value) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def test_colours_differ_for_everybody_and_stand_out_from_the_paper() -> None:
    found = list(palettes())
    assert len(found) == 3
    for paper, colours in found:
        assert len(colours) == 8
        for colour in colours:
            bright, dark = sorted(
                sum(a * b for a, b in zip(XYZ[1], linear(c), strict=True)) + 0.05 for c in (colour, paper)
            )[::-1]
            assert bright / dark >= 3, (paper, colour)
        for who, vision in VISION.items():
            for first, second in combinations(colours, 2):
                apart = sum((a - b) ** 2 for a, b in zip(seen(first, vision), seen(second, vision), strict=True)) ** 0.5
                assert apart > 20, (paper, who, first, second, apart)


def ended(scenario: str, test: str, failed: int, *, seeds: int = 2, rate: float | None = 0.07) -> PlanTest:
    return PlanTest(scenario, 2025, test, "current", seeds, failed, rate, rate, rate, 0.0, 0.0, (rate, rate), 0, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ({}, "Every test of the plan passes."),
        ({"a": 2}, "The <b>ADP</b> test fails in A &amp; co."),
        ({"a": 1}, "The <b>ADP</b> test may fail in A &amp; co."),
        ({"a": 2, "b": 1}, "The <b>ADP</b> test fails in A &amp; co, and may fail in B."),
        ({"a": 2, "b": 2}, "The <b>ADP</b> test fails in every scenario but C."),
        ({"a": 1, "b": 1, "c": 1}, "The <b>ADP</b> test may fail in every scenario."),
    ],
)
def test_what_fails_is_in_the_headline(failed: dict[str, int], told: str) -> None:
    titles = {"a": "A & co", "b": "B", "c": "C"}
    listed = [ended(name, "ADP", failed.get(name, 0)) for name in titles]
    assert (
        outcomes_told([*listed, *(ended(name, "ACP", 0) for name in titles), ended("not shown", "ADP", 2)], titles) == told
    )


def test_a_test_that_touches_nobody_takes_no_row() -> None:
    assert touches_nobody([ended("a", "415", 0, rate=None)])
    assert not touches_nobody([ended("a", "415", 0, rate=None), ended("b", "415", 1, rate=None)])
    assert not touches_nobody([])
