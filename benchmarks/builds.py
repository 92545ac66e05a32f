"""Two builds of PlanWise at work on the same study: this one, and that of another commit in a folder of its own.

Belongs here: building another commit, one whole command of a build in a home as new, whether two builds published the same.
Does not: which works are measured and how often (against.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.measure import PROJECT, Run, run

#: What a warehouse holds that is about the run and not about the study.
_OF_THE_RUN = frozenset({"provenance"})


@dataclass(frozen=True)
class Build:
    """A checkout with its environment installed.

    Attributes:
        name: The commit, shortened; `this` for the project's own folder as it is.
        folder: Its top folder.
    """

    name: str
    folder: Path

    @property
    def _bin(self) -> Path:
        return self.folder / ".venv" / "bin"

    def environment(self, home: Path, study: Path, executor: str) -> dict[str, str]:
        """Of a command on a study; nothing of this process's own settings is left in it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PLANWISE_", "DAGSTER_", "DBT_"))}
        return {**own, "PLANWISE_HOME": str(home), "PLANWISE_STUDY": str(study), "PLANWISE_EXECUTOR": executor}

    def make_ready(self, environment: dict[str, str]) -> None:
        """Does what happens once in the life of an installation, with the build's own code."""
        code = "import os; from benchmarks.measure import make_ready; make_ready(dict(os.environ))"
        subprocess.run([self._bin / "python", "-c", code], cwd=self.folder, env=environment, check=True)

    def run(self, words: list[str], environment: dict[str, str]) -> Run:
        """One command of this build, from start to end.

        Raises:
            SystemExit: The command failed; its output is in the message.
        """
        return run(f"{self.name}: planwise {' '.join(words)}", [self._bin / "planwise", *words], self.folder, environment)


def this() -> Build:
    """The project's own folder, as it is: what is not committed is measured, too."""
    return Build("this", PROJECT)


def of_commit(reference: str) -> Build:
    """Another commit, checked out and installed under var/builds; kept there, and used again.

    Raises:
        subprocess.CalledProcessError: There is no such commit, or it cannot be installed.
    """
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--short=10", f"{reference}^{{commit}}"],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    commit = found.stdout.strip()
    folder = PROJECT / "var" / "builds" / commit
    if not (folder / ".venv" / ".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", PROJECT, folder], check=True)
        subprocess.run(["git", "checkout", "--quiet", "--detach", commit], cwd=folder, check=True)
        subprocess.run(["make", ".venv/.ready"], cwd=folder, check=True)
    return Build(commit, folder)


def differences(before: Path, after: Path) -> Iterator[str]:
    """What two warehouses publish differently, a sentence each: every table but those about the run, every row of it."""
    with duckdb.connect() as connection:
        for name, file in (("before", before), ("after", after)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        tables = {name: _columns(connection, name) for name in ("before", "after")}
        for table in sorted((tables["before"].keys() | tables["after"].keys()) - _OF_THE_RUN):
            one, other = (tables[name].get(table) for name in ("before", "after"))
            if one is None or other is None:
                yield f"{table} is published by one of them alone"
                continue
            if one != other:
                yield f"{table} has other columns: {', '.join(sorted(set(one) ^ set(other))) or 'their order'}"
            columns = ", ".join(f'"{column}"' for column in one if column in other)
            for name, left, right in (("before", "before", "after"), ("now", "after", "before")):
                alone = f"select {columns} from {left}.{table} except all select {columns} from {right}.{table}"
                rows = connection.execute(f"select count(*) from ({alone})").fetchone()
                if rows and rows[0]:
                    yield f"{table} has {rows[0]:,} rows that only the build of {name} has"


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ? and schema_name = 'main' "
        "and not internal order by table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found
