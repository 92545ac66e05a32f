"""A company whose cost is known in closed form: what each low and high makes of it, to the cent."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import yaml

from planwise_assets.results.reading import read_measures
from planwise_assets.sensitivity.ranges import read_ranges
from planwise_assets.sensitivity.swings import Sensitivity, sensitivity
from planwise_assets.sensitivity.worlds import worlds_of, write_worlds
from planwise_assets.study.file.document import read_document
from planwise_assets.study.file.load import load_study
from tests.harness import census_file, simulation

PAY = (50_000, 80_000, 100_000)
#: Nobody comes, goes, rises or changes anything; COLA alone moves pay. All three defer 6 %.
CLOSED: dict[str, Any] = {
    "workforce": {"growth": 0, "termination_rate": 0, "new_hire_termination_rate": 0},
    "hazards": {"retirement": [{"min": 0, "rate": 0}], "promotion": {"base": 0}},
    "levels": {"merit_rate": 0},
    "plan": {
        "match": {"tiers": [{"up_to": 0.05, "rate": 0.5}]},
        "escalation": {"enabled": False},
        "changes": {"up_share": 0, "down_share": 0, "stop_share": 0},
    },
}
OWN = """
match_rate:
  what: Rate of the match
  setting: plan.match.tiers
  low: {value: [{up_to: 0.05, rate: 0.2}], source: less}
  high: {value: [{up_to: 0.05, rate: 1}], source: twice}
"""


@pytest.fixture(scope="module")
def swings(tmp_path_factory: pytest.TempPathFactory) -> Sensitivity:
    folder = tmp_path_factory.mktemp("closed")
    people = [
        {"employee_id": f"E{place}", "birth_date": "1985-05-05", "hire_date": "2015-03-01", "annual_compensation": pay,
         "deferral_rate": 0.06, "enrollment_date": "2016-01-01", "active": "true"}
        for place, pay in enumerate(PAY)
    ]  # fmt: skip
    client, own = folder / "client.yaml", folder / "own.yaml"
    study = {"study": "closed", "census": str(census_file(folder, people)), "years": {"start": 2025, "end": 2025}}
    client.write_text(yaml.safe_dump({**study, "scenarios": {"one": CLOSED}}), encoding="utf-8")
    own.write_text(OWN, encoding="utf-8")
    ranges = {name: one for name, one in read_ranges(own)[0].items() if name in ("cola", "match_rate", "limits")}
    worlds = worlds_of(read_document(client), load_study(client), "one", ranges, [1, 2])
    text = write_worlds(worlds, folder / "apart").read_text(encoding="utf-8")
    made = simulation(folder / "apart" / "run", text).run().publish()
    with duckdb.connect(str(made.project.settings.warehouse("closed")), read_only=True) as connection:
        return sensitivity(read_measures(connection), "one", worlds.varied)


def test_cost_as_it_is(swings: Sensitivity) -> None:
    """2.5 % of pay that COLA has raised by .3 %: 230,000 x 1.003 x .025."""
    assert swings.as_it_is.mean == pytest.approx(230_000 * 1.003 * 0.025)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        # COLA 0 and 1.4 % in place of .3 %.
        ("cola", 230_000 * -0.003 * 0.025, 230_000 * 0.011 * 0.025),
        # 20 % and 100 % of the first 5 % in place of 50 %.
        ("match_rate", 230_000 * 1.003 * -0.015, 230_000 * 1.003 * 0.025),
        # Nobody is near a limit.
        ("limits", 0, 0),
    ],
)
def test_lows_and_highs_to_the_cent(name: str, low: float, high: float, swings: Sensitivity) -> None:
    swing = next(each for each in swings.swings if each.varied.name == name)
    assert swing.low.less.mean == pytest.approx(low, abs=0.005)
    assert swing.high.less.mean == pytest.approx(high, abs=0.005)
    assert swing.size == pytest.approx(high - low, abs=0.005)
    # The same luck, and here none at all: no error.
    assert swing.difference.standard_error == pytest.approx(0, abs=1e-9)


def test_the_largest_swing_comes_first(swings: Sensitivity) -> None:
    assert [swing.varied.name for swing in swings.swings] == ["match_rate", "cola", "limits"]
    assert [swing.is_none for swing in swings.swings] == [False, False, True]
