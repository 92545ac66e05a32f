"""Every row of the scorecard is inside its margin, and was measured well enough to say so. `pytest -s` prints the table."""

from __future__ import annotations

import pytest

from tests.statistical.scorecard import NAMES, Companies, Row, measure, table

pytestmark = pytest.mark.statistical


@pytest.fixture(scope="module")
def scorecard(companies: Companies) -> dict[str, Row]:
    rows = measure(companies)
    print("", table(rows), sep="\n")
    return {row.name: row for row in rows}


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_defaults_give_what_is_known_of_real_plans(scorecard: dict[str, Row], name: str) -> None:
    row = scorecard[name]
    assert row.passes, f"{table([row])}\n{row.measured}"


@pytest.mark.parametrize("name", NAMES)
def test_the_sampling_error_is_well_below_the_margin(scorecard: dict[str, Row], name: str) -> None:
    assert 3 * scorecard[name].error < scorecard[name].margin


def test_a_row_that_is_outside_says_so(scorecard: dict[str, Row]) -> None:
    row = scorecard[NAMES[0]]
    moved = Row(
        row.name, row.population, row.low, row.high, row.unit, [*row.measured, row.high + 0.001], row.people, row.error
    )
    assert not moved.passes
    assert moved.cells()[-1] == "FAILS"
