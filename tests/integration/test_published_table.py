"""A simulation with a published table: the cells in force are the table's own, and people leave at its rates."""

from __future__ import annotations

import pymort
import pytest

from tests.harness import SAMPLE_CENSUS, Simulation, simulation


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    study = {
        "study": "published",
        "census": str(SAMPLE_CENSUS),
        "years": {"start": 2025, "end": 2025},
        "seeds": {"count": 10},
        "scenarios": {
            "table": {
                "workforce": {"termination_rate": "hazard", "selection": "bernoulli"},
                "hazards": {"termination": {"table": "soa-1549", "scale": 1.1}},
            }
        },
    }
    return simulation(tmp_path_factory.mktemp("published"), study).run()


def test_the_cells_are_the_tables_own(simulated: Simulation) -> None:
    """Read by another way: the file as it is, a row of the published cells at a time; every age and sub-table."""
    parts = pymort.MortXML.from_id(1549).Tables[:4]
    with simulated.connect() as connection:
        cells = connection.execute(
            "select distinct age_min, age_max, tenure_min, yearly_probability from dim_hazards where hazard = 'termination'"
        ).fetchall()
    for service, part in zip((0, 2, 5, 10), parts, strict=True):
        values = part.Values["vals"].to_dict()
        for age in range(min(values), 60):
            (found,) = [float(p) for low, high, start, p in cells if low <= age < high and start == service]
            assert found == pytest.approx(1 - (1 - (values[age] + values[age + 1]) / 2) ** 1.1, rel=1e-5)


def test_people_leave_at_its_rates(simulated: Simulation) -> None:
    with simulated.connect() as connection:
        row = connection.execute(
            """
            select sum(yearly_probability), count(*) filter (exits.employee_id is not null)
            from int_active_workforce as people
            inner join stg_worlds as worlds using (world_id)
            inner join dim_hazards as cells
                on worlds.seed = cells.seed and cells.hazard = 'termination' and people.level_id = cells.level_id
                and people.age_on_january_1 >= cells.age_min and people.age_on_january_1 < cells.age_max
                and people.tenure_years_on_january_1 >= cells.tenure_min
                and people.tenure_years_on_january_1 < cells.tenure_max
            left join int_termination_events as exits
                on people.world_id = exits.world_id and people.employee_id = exits.employee_id
            where people.age_on_january_1 < 61
            """
        ).fetchone()
    assert row is not None
    expected, left = float(row[0]), int(row[1])
    assert abs(left - expected) < 3 * expected**0.5


def test_nobody_retires_where_the_table_counts_who_does(simulated: Simulation) -> None:
    with simulated.connect() as connection:
        ages = connection.execute(
            "select min(age_min), max(age_min) from dim_hazards where hazard = 'retirement' and base > 0"
        ).fetchone()
    assert ages is not None
    assert ages[0] == 61
