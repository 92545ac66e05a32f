#!/usr/bin/env bash
# Dagster's I/O manager for DuckDB puts a year's data frame into its table by the place of the columns, not by their names; and when a year is
# made again and does not fit, what the table had of that year is gone, though the run failed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile dagster==1.13.27 dagster-duckdb==0.29.27 dagster-duckdb-pandas==0.29.27 duckdb==2.0.0 pandas==2.3.3 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import subprocess
import sys
import duckdb

YEAR = """
import sys, warnings
import dagster as dg, pandas as pd
from dagster_duckdb_pandas import DuckDBPandasIOManager
warnings.filterwarnings("ignore")
frame = pd.DataFrame(eval(sys.argv[2]))

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2025", "2026"]), metadata={"partition_expr": "simulation_year"})
def contributions() -> pd.DataFrame:
    return frame

store = DuckDBPandasIOManager(database="plan.duckdb", schema="main")
done = dg.materialize([contributions], partition_key=sys.argv[1], resources={"io_manager": store}, raise_on_error=False)
print("success" if done.success else "failure")
"""

def made(year, columns):
    said = subprocess.run([sys.executable, "-c", YEAR, year, repr(columns)], capture_output=True, text=True, check=True)
    with duckdb.connect("plan.duckdb", read_only=True) as connection:
        rows = connection.execute("select simulation_year, employer_match, employer_core from contributions order by all").fetchall()
    return said.stdout.strip(), rows

first = made("2025", {"simulation_year": [2025], "employer_match": [300.0], "employer_core": [100.0]})
second = made("2026", {"simulation_year": [2026], "employer_core": [100.0], "employer_match": [300.0]})
third = made("2025", {"simulation_year": [2025], "employer_match": ["n/a"], "employer_core": [100.0]})
print("dagster 1.13.27, dagster-duckdb-pandas 0.29.27, duckdb 2.0.0; columns of the table: year, match, core")
print("  2025, match 300 and core 100:", first)
print("  2026, the same amounts with the columns the other way round:", second)
print("  2025 again, with a text for an amount:", third)
expected = (
    first == ("success", [(2025, 300.0, 100.0)])
    and second == ("success", [(2025, 300.0, 100.0), (2026, 100.0, 300.0)])
    and third == ("failure", [(2026, 100.0, 300.0)])
)
sys.exit(0 if expected else "This has changed.")
PY
