#!/usr/bin/env bash
# Completed years of service: lifelines' helper counts years of 365.2425 days, so that somebody with exactly one ordinary year has
# none. DuckDB's two functions disagree with each other at the end of February and of short months.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6 duckdb==2.0.0
env/bin/python -W ignore - <<'PY'
import sys
import duckdb
from lifelines.utils import datetimes_to_durations

hired, today = ["2021-01-01", "2020-01-01"], ["2022-01-01", "2021-01-01"]
years = datetimes_to_durations(hired, today, freq="Y")[0].tolist()
months = datetimes_to_durations(hired, today, freq="M")[0].tolist()
by_duckdb = duckdb.execute("""
    select
        date_sub('year', hired, today), age(today, hired)::varchar,
        date_sub('month', hired, today), date_diff('year', hired, today)
    from (values (date '2000-02-29', date '2001-02-28'), (date '2025-03-31', date '2025-04-30')) as service (hired, today)
    order by hired
""").fetchall()
print("lifelines 0.30.3, duckdb 2.0.0")
print("lifelines, 1 January to 1 January, an ordinary year and a leap year:", years, "years,", months, "months")
print("DuckDB, 29 Feb 2000 to 28 Feb 2001 and 31 March to 30 April (date_sub year, age, date_sub month, date_diff year):")
for row in by_duckdb:
    print("  ", row)
print("date_sub completes the year and the month on the last day of the short month; age() does not.")
expected = years == [0.0, 1.0] and months == [11.0, 12.0] and by_duckdb == [
    (1, "11 months 28 days", 12, 1), (0, "30 days", 1, 0)
]
sys.exit(0 if expected else "This has changed.")
PY
