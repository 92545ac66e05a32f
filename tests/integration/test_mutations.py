"""No cell of a published table is without a check: a dbt test of error severity reports it changed, emptied or filled.

Rows dropped and doubled likewise. The mutations are in `defects/mutations.py`; any test may report one. Here every column
is changed in one kind of row. `python -m tests.integration.test_mutations` changes it in every kind, some 1,770
mutations, and lists each with the first test that reports it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from planwise_assets.steps import GROUP_ORDER
from resources.dbt.compiled import DataTest
from resources.engines.session import YearSession
from tests.harness import Simulation
from tests.integration.defects.company import YEAR, sound_company
from tests.integration.defects.mutations import KINDS, Mutation, mutations


class SoundYear:
    """A sound year's tables in memory, and the tests that read each of them."""

    def __init__(self, simulated: Simulation) -> None:
        dbt = simulated.project.dbt
        self._tests = [
            test for group in GROUP_ORDER for test in dbt.group_tests(group, GROUP_ORDER) if test.severity == "ERROR"
        ]
        self._names = {unique_id: relation.name for unique_id, relation in dbt.relations.items()}
        self._connection = duckdb.connect(config={"threads": 1})
        session = YearSession(self._connection, simulated.project.lake, YEAR, simulated.project.first_year)
        for unique_id in sorted({read for test in self._tests for read in test.reads}):
            session.open(dbt.relations[unique_id])
            # A table in place of the view, so that a test does not open a file for each mutation.
            name = self._names[unique_id]
            self._connection.execute(f'create table made as from "{name}"; drop view "{name}"')
            self._connection.execute(f'alter table made rename to "{name}"')
        self._reported: Counter[str] = Counter()

    def reported(self, asset: str, *, all_kinds: bool) -> Iterator[tuple[Mutation, str | None]]:
        """Each mutation of a table with a test that reports it; None when no test does."""
        self._connection.execute(f'create or replace table sound as from "{asset}"')
        self._connection.execute("create or replace table this as from sound")
        for mutation in list(mutations(self._connection, asset, all_kinds=all_kinds)):
            self._connection.execute("create or replace table this as from sound")
            self._connection.execute(mutation.statement)
            self._connection.execute(f'create or replace table "{asset}" as from this')
            yield mutation, self._first_that_fails(asset)
        self._connection.execute(f'create or replace table "{asset}" as from sound')

    def _first_that_fails(self, asset: str) -> str | None:
        """Those that reported most so far are asked first."""
        tests = [test for test in self._tests if asset in {self._names[read] for read in test.reads}]
        for test in sorted(tests, key=lambda test: -self._reported[test.name]):
            if self._fails(test):
                self._reported[test.name] += 1
                return test.name
        return None

    def _fails(self, test: DataTest) -> bool:
        counted = f"select {test.fail_calculation} as failures from (\n{test.sql}\n) as failing"
        try:
            row = self._connection.execute(f"select failures {test.error_if} from ({counted})").fetchone()
        except duckdb.Error:
            return True  # a test that cannot run stops the year as well
        return bool(row and row[0])


@pytest.fixture(scope="module")
def sound_year(tmp_path_factory: pytest.TempPathFactory) -> SoundYear:
    return SoundYear(sound_company(tmp_path_factory.mktemp("mutations")))


@pytest.mark.parametrize("asset", KINDS)
def test_every_mutation_of_a_published_table_is_reported(sound_year: SoundYear, asset: str) -> None:
    found = list(sound_year.reported(asset, all_kinds=False))
    assert [mutation for mutation, reported_by in found if reported_by is None] == []
    assert len(found) >= 30


def main() -> None:
    """Lists the mutations as a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        year = SoundYear(sound_company(Path(folder)))
        print("| table | mutation | reported by |\n| --- | --- | --- |")
        for asset in KINDS:
            for mutation, reported_by in year.reported(asset, all_kinds=True):
                print(f"| {asset} | {mutation.what} | {reported_by or '**nothing**'} |", flush=True)


if __name__ == "__main__":
    main()
