#!/usr/bin/env bash
# Dates in an American payroll file: one row decides how DuckDB reads all the others, and where no row can decide it takes the day
# first. A two-digit year of birth is read as a date of the next decades, without being asked for.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0
env/bin/python -W ignore - <<'PY'
import sys
from pathlib import Path
import duckdb

def read(*lines):
    Path("people.csv").write_text("id,day\n" + "\n".join(f"{number},{line}" for number, line in enumerate(lines)) + "\n")
    return [str(day) for _, day in duckdb.execute("from 'people.csv'").fetchall()]

undecided = read("03/04/2001", "05/06/2010", "11/12/1999")
decided = read("03/04/2001", "05/06/2010", "11/22/1999")
births = read("03/14/58", "05/26/61", "11/17/47")
print("duckdb 2.0.0")
print("  03/04/2001, 05/06/2010, 11/12/1999 ->", undecided)
print("  03/04/2001, 05/06/2010, 11/22/1999 ->", decided)
print("  03/14/58, 05/26/61, 11/17/47 ->", births)
print("Nothing is said; the type of the column is DATE each time.")
expected = (
    undecided == ["2001-04-03", "2010-06-05", "1999-12-11"]
    and decided == ["2001-03-04", "2010-05-06", "1999-11-22"]
    and births == ["2058-03-14", "2061-05-26", "2047-11-17"]
)
sys.exit(0 if expected else "This has changed.")
PY
