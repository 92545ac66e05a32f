"""Worlds for statistical tests: many seeds in one pass, and only the models that a question needs.

Belongs here: running part of a year, reading it as arrays, the keyed draws for whole arrays. Does not: what is expected
of the results (inference.py, and the tests themselves).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from planwise_assets.project import Project
from planwise_assets.year.setup.inputs import write_inputs
from resources.engines.optimized import run_models
from resources.engines.session import YearSession
from tests.harness import SAMPLE_CENSUS, Simulation, simulation
from tests.twins import draws

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]
Columns = dict[str, NDArray[Any]]

_DECISIONS = (
    "int_active_workforce",
    "int_workforce_needs",
    "int_termination_events",
    "int_hiring_events",
    "int_new_hire_termination_events",
    "int_promotion_events",
)


def one_year(
    folder: Path,
    year: int,
    seeds: int,
    scenarios: dict[str, Any],
    *,
    census: Path = SAMPLE_CENSUS,
    models: tuple[str, ...] = _DECISIONS,
) -> Simulation:
    """The decisions of one first year, in as many worlds as there are seeds (1, 2, ...): these models, their parents."""
    study = {
        "study": "shapes",
        "census": str(census),
        "years": {"start": year, "end": year},
        "seeds": {"count": seeds, "first": 1},
        "scenarios": scenarios,
    }
    simulated = simulation(folder, study)
    project = simulated.project
    with duckdb.connect(config={"threads": simulated.threads}) as connection:
        write_inputs(YearSession(connection, project.lake, year, project.first_year), project)
    with duckdb.connect(config={"threads": simulated.threads}) as connection:
        session = YearSession(connection, project.lake, year, project.first_year)
        list(run_models(session, project.dbt, _with_parents(project, models)))
    return simulated


def arrays(simulated: Simulation, sql: str) -> Columns:
    """The result of a query over the lake, a plain array a column."""
    with simulated.connect() as connection:
        columns = connection.execute(sql).fetchnumpy()
    masked = [name for name, column in columns.items() if np.ma.is_masked(column)]
    assert not masked, f"NULL in {masked}"
    return {name: np.asarray(column) for name, column in columns.items()}


def mix64(x: Words) -> Words:
    """tests.twins.draws.mix64 for arrays (products of uint64 wrap, which is what is wanted)."""
    z = x + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def draws_of(identities: Words, salts: Words, stream: str) -> Floats:
    """tests.twins.draws.draw for arrays that fit each other."""
    key = identities ^ salts ^ np.uint64(draws.stream_key(stream))
    return (mix64(key) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _with_parents(project: Project, models: tuple[str, ...]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model not in found:
            found[model] = None
            waiting += project.dbt.model_parents(model)
    return sorted(found)
