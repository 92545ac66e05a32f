#!/usr/bin/env bash
# Left truncation: are people who come under observation on the very day of somebody's exit at risk of that exit? Yearly and
# monthly data are full of such ties. Estimators answer differently, two of them inside one library.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile lifelines==0.30.3 statsmodels==0.15.0 pandas==2.3.3 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import sys
import numpy as np, pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

# Ten people from the start, one of whom leaves at 1; ten more enter at exactly 1.
time = np.array([1] + [2] * 19, float)
left = np.array([1] + [0] * 19)
entry = np.array([0] * 10 + [1] * 10, float)
km = KaplanMeierFitter().fit(time, left, entry=entry)
survival = {
    "lifelines Kaplan-Meier": float(km.survival_function_.iloc[1, 0]),
    "statsmodels SurvfuncRight": float(SurvfuncRight(time, left, entry=entry).surv_prob[0]),
}
table_says = int(km.event_table.loc[1.0, "at_risk"])

# A Cox model, with three more people who enter just before, on, and just after an exit at 2.
base = pd.DataFrame({"time": [1, 1, 2, 2, 3, 3, 4, 4.0], "left": [1, 0, 1, 0, 1, 1, 0, 1], "x": [0, 1, 1, 0, 1, 0, 0, 1.0], "entry": 0.0})

def both(at):
    data = pd.concat([base, pd.DataFrame({"time": [2.5] * 3, "left": 0, "x": 1.0, "entry": at})])
    cox = CoxPHFitter().fit(data, "time", "left", entry_col="entry").params_["x"]
    ph = PHReg(data["time"], data[["x"]], status=data["left"], entry=data["entry"], ties="efron").fit().params[0]
    return round(float(cox), 3), round(float(ph), 3)

fits = {at: both(at) for at in (1.999, 2.0, 2.001)}
print("lifelines 0.30.3, statsmodels 0.15.0")
print("one exit of ten at 1, ten more enter at 1:", survival, "-> out of 10: the ten are not at risk")
print("lifelines' own event table says at_risk =", table_says, "in that row")
print("Cox coefficient when three enter before, on, after the exit at 2 (lifelines CoxPHFitter, statsmodels PHReg):", fits)
print("On the day itself lifelines leaves them out, PHReg takes them in: statsmodels disagrees with itself.")
expected = (
    all(abs(value - 0.9) < 1e-9 for value in survival.values())
    and table_says == 20
    and fits[1.999] == (0.277, 0.277) and fits[2.001] == (0.405, 0.405) and fits[2.0] == (0.405, 0.277)
)
sys.exit(0 if expected else "This has changed.")
PY
