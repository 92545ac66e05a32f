#!/usr/bin/env bash
# A dbt unit test casts what it expects to the type of the model's column before it compares: on a DECIMAL(18,2) an expectation with
# a third decimal passes, so a unit test on the rounded column cannot hold a rounding rule at its edge.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 python-dateutil==2.9.0.post0 protobuf==6.33.6 dbt-semantic-interfaces==0.9.0
export DBT_SEND_ANONYMOUS_USAGE_STATS=false
mkdir models
echo '{name: pay, version: "1.0", profile: pay, flags: {send_anonymous_usage_stats: false}}' > dbt_project.yml
echo '{pay: {target: here, outputs: {here: {type: duckdb, path: pay.duckdb}}}}' > profiles.yml
echo 'select 1 as hours' > models/worked.sql
echo "select cast(hours * 1.5 as decimal(18, 2)) as pay from {{ ref('worked') }}" > models/paid.sql
cat > models/models.yml <<'YML'
unit_tests:
  - name: third_decimal
    model: paid
    given: [{input: ref('worked'), rows: [{hours: 1}]}]
    expect: {rows: [{pay: 1.504}]}
  - name: second_decimal
    model: paid
    given: [{input: ref('worked'), rows: [{hours: 1}]}]
    expect: {rows: [{pay: 1.51}]}
YML
env/bin/dbt --quiet run --profiles-dir . >/dev/null
answer() { env/bin/dbt --quiet test --select "$1" --profiles-dir . >/dev/null 2>&1 && echo passes || echo fails; }
third=$(answer third_decimal); second=$(answer second_decimal)
echo "dbt-core 1.11.16, dbt-duckdb 1.11.1, duckdb 2.0.0: the model gives 1.50"
echo "  an expectation of 1.504 $third, one of 1.51 $second"
[ "$third $second" = "passes fails" ] || { echo "This has changed." >&2; exit 1; }
