#!/usr/bin/env bash
# Exits out of exposures as a binomial regression: statsmodels takes counts, or shares with weights. Coefficients, errors and deviance are the same,
# log-likelihood and AIC are not, so models that were given in two forms cannot be compared by them.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile statsmodels==0.15.0 pandas==2.3.3 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import sys
import numpy as np
import statsmodels.api as sm

people, exits, x = np.array([10.0, 20, 30]), np.array([1.0, 5, 9]), sm.add_constant(np.array([0, 1, 2.0]))
family = sm.families.Binomial
fits = {
    "counts": sm.GLM(np.c_[exits, people - exits], x, family=family()).fit(),
    "shares, var_weights": sm.GLM(exits / people, x, family=family(), var_weights=people).fit(),
    "shares, freq_weights": sm.GLM(exits / people, x, family=family(), freq_weights=people).fit(),
}
print("statsmodels 0.15.0: coefficient, standard error, deviance, AIC, residual degrees of freedom")
found = {name: (fit.params[1], fit.bse[1], fit.deviance, fit.aic, fit.df_resid) for name, fit in fits.items()}
for name, figures in found.items():
    print(f"  {name:21}", *(f"{figure:.4f}" for figure in figures))
a, b, c = (np.array(figures) for figures in found.values())
same = np.allclose(a[:3], b[:3]) and np.allclose(a[:3], c[:3])
expected = same and abs(a[3] - 13.1078) < 1e-3 and abs(b[3] - 48.6402) < 1e-3 and (a[4], b[4], c[4]) == (1, 1, 58)
sys.exit(0 if expected else "This has changed.")
PY
