"""Axes and charts of the report: round ticks that hold the figures, and SVG that anybody can read."""

from __future__ import annotations

import random
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from planwise_assets.report.charts import Series, line_chart
from planwise_assets.report.scales import short, tick_texts, ticks

_SVG = "{http://www.w3.org/2000/svg}"


def test_ticks_are_round_and_hold_the_range() -> None:
    assert ticks(155, 179, whole=True) == [155, 160, 165, 170, 175, 180]
    assert ticks(0.0268, 0.0333) == [0.026, 0.028, 0.03, 0.032, 0.034]
    draw = random.Random(4)
    for _ in range(300):
        low = draw.uniform(-1, 1) * 10 ** draw.randint(-4, 9)
        high = low + draw.random() * 10 ** draw.randint(-4, 9)
        marks = ticks(low, high)
        assert 2 <= len(marks) <= 8
        slack = 1e-6 * (marks[-1] - marks[0])
        assert marks[0] <= low + slack
        assert marks[-1] >= high - slack


def test_tick_texts_tell_ticks_apart() -> None:
    assert tick_texts([325_000, 350_000, 375_000], "dollars") == ["$325k", "$350k", "$375k"]
    assert tick_texts([0.026, 0.028], "share") == ["2.6%", "2.8%"]
    assert tick_texts([11_500_000, 12_000_000], "dollars") == ["$11.5m", "$12.0m"]


def test_people_have_whole_ticks() -> None:
    assert ticks(7, 7.5, whole=True) == [7, 8]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_345_678, "dollars", "$12.35m"),
        (-950, "dollars", "-$950"),
        (323_456, "dollars", "$323k"),
        (0.02581, "share", "2.58%"),
        (5150, "people", "5,150"),
    ],
)
def test_short_figures(value: float, unit: str, text: str) -> None:
    assert short(value, unit) == text  # type: ignore[arg-type]


def chart(series: list[Series], years: list[int]) -> ElementTree.Element:
    text = line_chart("c", "Net <cost>", years, series, "dollars")
    # Our own text.
    return ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def test_a_chart_says_what_it_shows_and_names_every_line_once_and_equal_ones_as_equal() -> None:
    root = chart(
        [Series("a & b", 0, [1.0, 2.0]), Series("other", 1, [1.0, 2.0]), Series("third", 2, [None, 1.0])], [2025, 2026]
    )
    assert root.attrib["role"] == "img"
    title, description = root.find(f"{_SVG}title"), root.find(f"{_SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == "Net <cost>"
    assert "a & b: $1 in 2025, $2 in 2026." in (description.text or "")
    labels = [(group.find(f"{_SVG}text")) for group in root.iter(f"{_SVG}g") if "label" in group.attrib["class"]]
    assert sorted(label.text or "" for label in labels if label is not None) == ["= other", "a & b", "third"]
    drawn = [group.attrib["class"] for group in root.iter(f"{_SVG}g") if group.attrib["class"].startswith("line")]
    assert drawn == ["line s0", "line s2"]
    places = sorted(float(label.attrib["y"]) for label in labels if label is not None)
    assert all(second - first >= 14 for first, second in pairwise(places))


def test_one_year_has_points_and_a_whisker() -> None:
    root = chart([Series("only", 0, [5.0], [4.0], [6.0])], [2025])
    assert len([line for line in root.iter(f"{_SVG}line") if "whisker" in line.attrib.get("class", "")]) == 1
    assert len(list(root.iter(f"{_SVG}circle"))) == 1
