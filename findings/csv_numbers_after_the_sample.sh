#!/usr/bin/env bash
# DuckDB settles a column's type by the first 20,480 rows. A department 00501 or part-time hours of 12.5 that stand further down are
# fitted into it: the zeros go, and the hours are rounded to whole ones.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0
env/bin/python -W ignore - <<'PY'
import sys
from pathlib import Path
import duckdb

def last(rows, value, usual):
    lines = "\n".join(f"{number},{usual}" for number in range(rows))
    Path("people.csv").write_text(f"id,value\n{lines}\n{rows},{value}\n")
    return duckdb.execute("select value, typeof(value) from 'people.csv' order by id desc limit 1").fetchone()

found = {
    "00501 after 30,000 rows": last(30_000, "00501", "70123"),
    "12.5 after 100 rows": last(100, "12.5", "40"),
    "12.5 after 30,000 rows": last(30_000, "12.5", "40"),
}
print("duckdb 2.0.0")
for what, value in found.items():
    print(f"  {what}: {value}")
expected = list(found.values()) == [(501, "BIGINT"), (12.5, "DOUBLE"), (13, "BIGINT")]
sys.exit(0 if expected else "This has changed.")
PY
