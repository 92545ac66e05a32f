#!/usr/bin/env bash
# Exact amounts and lengths of service that change their type on the way through Parquet, each without a word: decimals of more than 38
# digits and sums of integers become floating point, a duration an integer, a wide integer a string of bytes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0 pyarrow==26.0.1 polars==2.1.0
env/bin/python -W ignore - <<'PY'
import datetime as dt
import sys
from decimal import Decimal
import duckdb, polars, pyarrow, pyarrow.parquet

amount = Decimal("12345678901234567.89")
pyarrow.parquet.write_table(pyarrow.table({"amount": pyarrow.array([amount], pyarrow.decimal256(40, 2))}), "wide.parquet")
polars.DataFrame({"service": [dt.timedelta(days=400)], "key": [5]}).with_columns(
    polars.col("key").cast(polars.Int128)
).write_parquet("polars.parquet")
duckdb.execute("copy (select sum(cents) as cents from (values (9007199254740992::bigint), (1)) as t (cents)) to 'sum.parquet'")
summed = "select sum(cents) from (values (9007199254740992::bigint), (1)) as t (cents)"

def read(file):
    kinds = {name: kind for name, kind, *_ in duckdb.execute(f"describe from '{file}'").fetchall()}
    return kinds, duckdb.execute(f"from '{file}'").fetchone()

wide, other, total = read("wide.parquet"), read("polars.parquet"), read("sum.parquet")
print("duckdb 2.0.0, pyarrow 26.0.1, polars 2.1.0")
print("  pyarrow's decimal256(40, 2) of", amount, "in DuckDB:", wide)
print("  polars' Duration of 400 days and Int128 of 5 in DuckDB:", other)
print("  DuckDB's own sum of two BIGINT,", duckdb.execute(summed).fetchone()[0], "in memory, in the file:", total)
expected = (
    wide == ({"amount": "DOUBLE"}, (1.2345678901234568e16,))
    and other[0] == {"service": "BIGINT", "key": "BLOB"} and other[1] == (34_560_000_000_000, (5).to_bytes(16, "little"))
    and total == ({"cents": "DOUBLE"}, (9007199254740992.0,))
)
sys.exit(0 if expected else "This has changed.")
PY
