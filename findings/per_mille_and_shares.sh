#!/usr/bin/env bash
# pyliferisk's functions of one life table do not share a unit: rate and survival of a year are per mille, those over t years are shares,
# also where t is 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile pyliferisk==1.12.0
env/bin/python - <<'PY'
import sys
import pyliferisk as life
from pyliferisk.mortalitytables import GKM95

table = life.MortalityTable(nt=GKM95)
found = {"qx": life.qx(table, 50), "tqx over 1": life.tqx(table, 50, 1), "px": life.px(table, 50), "tpx over 1": life.tpx(table, 50, 1)}
print("pyliferisk 1.12.0, table GKM95, age 50, one year:")
for name, value in found.items():
    print(f"  {name:11} {value:.6f}")
close = lambda a, b: abs(a - b) < 1e-6
expected = close(found["qx"], 4.3087) and close(found["tqx over 1"], 0.0043087) and close(found["px"], 995.6913) and close(found["tpx over 1"], 0.9956913)
sys.exit(0 if expected else "This has changed.")
PY
