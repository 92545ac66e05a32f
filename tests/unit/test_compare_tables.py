"""`planwise compare` of several scenarios: none named twice, no figure left out; heads and units of tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.commands.compare import _lines
from planwise_assets.commands.shared.console import Form, distinct, print_in_form, that_fit
from planwise_assets.results import measures, tables
from planwise_assets.results.certainty import known
from planwise_assets.results.comparison import fact_differences
from planwise_assets.results.ensembles import band
from planwise_assets.results.measures import MEASURES, PLAN, Values


def test_a_scenario_that_is_compared_twice_is_refused() -> None:
    told = CliRunner().invoke(app, ["compare", "baseline", "zeta", "zeta"])
    assert told.exit_code == 2
    assert "zeta is there 2 times" in told.output


def test_a_figure_that_one_scenario_lacks_is_an_empty_cell() -> None:
    values: Values = {
        (scenario, 1, 2025): {**dict.fromkeys(MEASURES), "match": 10.0, "core": None if scenario == "b" else 5.0}
        for scenario in ("a", "b", "c")
    }
    lines = _lines({b: fact_differences(values, "a", b, [2025]) for b in ("b", "c")})
    core = next(line for line in lines if line[0] == "core")
    assert core == ["core", "2025", "5", "", "", "", "5", "0", "-"]


def test_no_two_heads_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    """A group may be called as a scenario is, and a scenario `year`."""
    assert distinct(["north", "measure", "year", "north", "year", "north", "", ""]) == [
        *("north", "measure", "year", "north (2)", "year (2)", "north (3)", "", "")
    ]
    for form in Form:
        print_in_form(form, "", ["north", "north"], [["a", "1"]])
        assert "north (2)" in capsys.readouterr().out


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_table_that_is_too_wide_becomes_several(width: int) -> None:
    """No column is squeezed: each of figures is in one of the tables, those of text are in all."""
    widths = [8, 20, 9, 9, 12, 9, 30, 4, 4, 4, 7]
    tables = that_fit(widths, 2, width)
    assert [place for table in tables for place in table[2:]] == list(range(2, len(widths)))
    assert all(table[:2] == [0, 1] for table in tables)
    needed = [sum(widths[place] + 3 for place in table) + 1 for table in tables]
    assert all(one <= width or len(table) == 3 for one, table in zip(needed, tables, strict=True))


def test_dollars_a_person_are_never_in_thousands(monkeypatch: pytest.MonkeyPatch) -> None:
    sums, each = (replace(MEASURES["match"], name=unit, unit=unit) for unit in ("dollars", "dollars_a_person"))
    monkeypatch.setattr(measures, "MEASURES", {"dollars": sums, "dollars_a_person": each})
    found = {name: band([5_984.4]) for name in ("dollars", "dollars_a_person")}
    assert tables.table_rows(PLAN, {("a", 2025): found}, ["a"]) == [["a", "2025", "6", "5,984"]]
    assert known(5_984.4, None, "dollars_a_person") == "$5.98k"
    assert MEASURES["average_pay"].unit == "dollars_a_person"
