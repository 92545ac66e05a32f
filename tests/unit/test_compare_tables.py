"""`planwise compare` of several scenarios: none named twice, no figure left out."""

from __future__ import annotations

from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.commands.compare import _lines
from planwise_assets.results.comparison import fact_differences
from planwise_assets.results.measures import MEASURES, Values


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
