#!/usr/bin/env bash
# The median of an even number of amounts lies between two of them. DuckDB's median of decimals stays a decimal of the same scale, and cuts the
# half cent off, where its average of the same two amounts keeps it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0
env/bin/python -W ignore - <<'PY'
import sys
import duckdb

found = duckdb.execute("""
    select median(pay)::varchar, typeof(median(pay)), quantile_cont(pay, 0.5)::varchar, avg(pay), round(median(pay::double), 6)
    from (values (1.01::decimal(18, 2)), (1.02)) as people (pay)
""").fetchone()
negative = duckdb.execute("select median(x)::varchar from (values (-1.01::decimal(18, 2)), (-1.02)) as t (x)").fetchone()
print("duckdb 2.0.0, amounts of 1.01 and 1.02: median, its type, quantile_cont, avg, median of the doubles")
print("  ", found)
print("   median of -1.01 and -1.02:", negative[0], "(cut towards zero)")
sys.exit(0 if found == ("1.01", "DECIMAL(18,2)", "1.01", 1.015, 1.015) and negative == ("-1.01",) else "This has changed.")
PY
