#!/usr/bin/env bash
# A birth date that a tool holds as midnight with a time zone is another day where the reader's session has another zone: age and the
# year of a catch-up contribution move with the machine.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==26.0.1 pytz==2026.6
env/bin/python -W ignore - <<'PY'
import datetime as dt
import sys
import duckdb, pyarrow, pyarrow.parquet

midnight = dt.datetime(1961, 1, 1, tzinfo=dt.timezone.utc)
pyarrow.parquet.write_table(pyarrow.table({"born": pyarrow.array([midnight], pyarrow.timestamp("us", tz="UTC"))}), "people.parquet")
found = {}
for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = '{zone}'")
        question = "select born::date::varchar, date_diff('year', born::date, date '2025-12-31') from 'people.parquet'"
        found[zone] = connection.execute(question).fetchone()
print("duckdb 2.0.0, pyarrow 26.0.1: one file, midnight of 1 January 1961 in UTC; the day of birth, and the age at the end of 2025")
for zone, born in found.items():
    print(f"  session in {zone}: {born}")
expected = list(found.values()) == [("1961-01-01", 64), ("1960-12-31", 65), ("1961-01-01", 64)]
sys.exit(0 if expected else "This has changed.")
PY
