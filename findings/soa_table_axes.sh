#!/usr/bin/env bash
# pymort, which carries the tables of the Society of Actuaries, labels every axis of a table "Age" and "Duration", in this order, whatever
# the table's own metadata says; and table 1549 keeps the rates of all services together where an ultimate table would be.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile pymort==2.0.1 pandas==2.3.3 numpy==2.4.6
env/bin/python - <<'PY'
import sys
from pymort import MortXML

def axes(number, place=0):
    table = MortXML.from_id(number).Tables[place]
    return [axis.AxisName for axis in table.MetaData.AxisDefs], list(table.Values.index.names), table

lapse, disabled = axes(1505), axes(1158)
select = axes(1076)
turnover = MortXML.from_id(1549).Tables
print("pymort 2.0.1")
print("  1505 persistency: declared", lapse[0], "labelled", lapse[1], "first", lapse[2].Values.index[0])
print("  1158 end of disability: declared", disabled[0], "labelled", disabled[1], "first", disabled[2].Values.index[0])
print("  1076 select rates: the first cell is age, duration", select[2].Values.index[0], "(durations do not begin at 1)")
print("  1549 pension plan turnover has", len(turnover), "tables:")
for table in turnover:
    print("    ages from", table.MetaData.AxisDefs[0].MinScaleValue, "|", table.MetaData.TableDescription.split(". ")[1][:60])
expected = (
    lapse[:2] == (["Duration"], ["Age"])
    and disabled[:2] == (["Week", "Age"], ["Age", "Duration"]) and disabled[2].Values.index[0] == (1, 20)
    and select[2].Values.index[0] == (0, 17)
    and len(turnover) == 5 and "All Service Lengths Combined" in turnover[-1].MetaData.TableDescription
)
sys.exit(0 if expected else "This has changed.")
PY
