#!/usr/bin/env bash
# Personnel systems write 9999-12-31 for "has not left". In a Parquet file with INT96 timestamps, which Spark still writes by itself,
# pyarrow reads it as a day of 1816; DuckDB and polars read the same file rightly.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==26.0.1 polars==2.1.0
env/bin/python -W ignore - <<'PY'
import datetime as dt
import sys
import duckdb, polars, pyarrow, pyarrow.parquet

table = pyarrow.table({"left": pyarrow.array([dt.datetime(9999, 12, 31)], pyarrow.timestamp("us"))})
pyarrow.parquet.write_table(table, "people.parquet", use_deprecated_int96_timestamps=True)
by_pyarrow = str(pyarrow.parquet.read_table("people.parquet")["left"].cast(pyarrow.string())[0])[:10]
microseconds = pyarrow.parquet.read_table("people.parquet", coerce_int96_timestamp_unit="us")["left"][0].as_py()
by_duckdb = duckdb.execute("select \"left\"::date from 'people.parquet'").fetchone()[0]
by_polars = polars.read_parquet("people.parquet")["left"][0]
print("pyarrow 26.0.1, duckdb 2.0.0, polars 2.1.0: 9999-12-31 in an INT96 column")
print("  pyarrow", by_pyarrow, "| with coerce_int96_timestamp_unit='us'", microseconds.date(), "| DuckDB", by_duckdb, "| polars", by_polars.date())
last = dt.date(9999, 12, 31)
expected = by_pyarrow == "1816-03-29" and microseconds.date() == by_duckdb == by_polars.date() == last
sys.exit(0 if expected else "This has changed.")
PY
