#!/usr/bin/env bash
# lifelines' Nelson-Aalen estimator takes exits of one day for exits one after another unless told otherwise. With yearly data the
# cumulative hazard of a year is far from exits over exposure.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import sys
from lifelines import NelsonAalenFitter

# Ten people; five leave in the first year.
years, left = [1.0] * 5 + [2.0] * 5, [1] * 5 + [0] * 5
by_default = float(NelsonAalenFitter().fit(years, left).cumulative_hazard_.loc[1.0].iloc[0])
textbook = float(NelsonAalenFitter(nelson_aalen_smoothing=False).fit(years, left).cumulative_hazard_.loc[1.0].iloc[0])
print("lifelines 0.30.3: five of ten leave in a year")
print(f"  by default {by_default:.4f} (1/10 + 1/9 + 1/8 + 1/7 + 1/6), with nelson_aalen_smoothing=False {textbook:.4f} (5/10)")
expected = abs(by_default - sum(1 / n for n in (10, 9, 8, 7, 6))) < 1e-9 and abs(textbook - 0.5) < 1e-9
sys.exit(0 if expected else "This has changed.")
PY
