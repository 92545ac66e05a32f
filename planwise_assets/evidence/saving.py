"""Savers' own changes and escalation from year-ends.

Belongs here: the estimates. Does not: who joins and with which rate, which year-ends do not tell apart from automatic
enrolment; their text (section_text.py).

Only people whose way into the plan the files know are used: who chose for themselves changes of their own accord, whom the
plan enrolled is escalated. A rate that is 0 after has stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planwise_assets.evidence.movement import Estimate, share_of
from planwise_assets.evidence.year_ends import YearEnds

_FEWEST = 30
# Words for who was enrolled by the plan, and for who chose.
_AUTOMATIC = ("auto", "automatic", "auto_enrolled", "auto enrolled", "default")
_CHOSEN = ("voluntary", "later", "choice", "active", "active_choice", "elected", "manual")
# Part of those enrolled automatically who rise by the same step, for it to be the plan's.
_ESCALATED = 0.3


@dataclass(frozen=True)
class Saving:
    """Settings of the plan; empty: not seen.

    Attributes:
        changes: `up_share`, `down_share`, `stop_share` and `step` of `plan.changes`.
        increment: `plan.escalation.increment`.
        unseen: What could not be fitted, with the reason.
    """

    changes: dict[str, Estimate] = field(default_factory=dict)
    increment: Estimate | None = None
    unseen: tuple[str, ...] = ()


def saving_of(ends: YearEnds) -> Saving:
    """What year-ends show of savers."""
    if "deferral_rate" not in ends.has or "enrollment_source" not in ends.has:
        return Saving(unseen=("plan: it takes deferral_rate and enrollment_source at two year-ends",))
    unseen = [
        "plan.auto_enrollment.opt_out, plan.voluntary and plan.escalation.opt_out: who declines and who joins when is in no "
        "year-end"
    ]
    pairs = ends.pairs
    before, after = np.asarray(pairs["rate_before"], float), np.asarray(pairs["rate_after"], float)
    saves = (before > 0) & np.isfinite(after)
    chose, enrolled = (saves & np.isin(pairs["source"], words) for words in (_CHOSEN, _AUTOMATIC))
    changes: dict[str, Estimate] = {}
    if chose.sum() >= _FEWEST:
        moved = after[chose] - before[chose]
        kept = after[chose] > 0
        total, what = float(chose.sum()), "years of savers who chose for themselves"
        steps = np.abs(moved[kept & (moved != 0)])
        step = float(np.median(steps)) if len(steps) else 0.0
        # A rate that is no more than a step is lowered to nothing.
        lowered = (kept & (moved < 0)) | (~kept & (before[chose] <= step + 1e-9))
        changes = {
            "up_share": share_of(float((kept & (moved > 0)).sum()), total, what),
            "down_share": share_of(float(lowered.sum()), total, what),
            "stop_share": share_of(float((~kept & ~lowered).sum()), total, what),
        }
        if len(steps) >= _FEWEST:
            low, high = (float(value) for value in np.quantile(steps, [0.025, 0.975]))
            changes["step"] = Estimate(step, low, high, f"median of {len(steps):,} changes, from {low:g} to {high:g}")
    else:
        unseen.append(f"plan.changes: {chose.sum():,} years of savers who chose for themselves are too few")
    rises = np.round(after[enrolled] - before[enrolled], 6)
    values, counts = np.unique(rises[rises > 0], return_counts=True)
    if enrolled.sum() < _FEWEST or not len(values) or counts.max() < _ESCALATED * enrolled.sum():
        unseen.append("plan.escalation.increment: no rise is shared by enough of those whom the plan enrolled")
        return Saving(changes, None, tuple(unseen))
    step = float(values[np.argmax(counts)])
    seen = f"{counts.max():,} of {enrolled.sum():,} years of savers whom the plan enrolled rose by it"
    return Saving(changes, Estimate(step, step, step, seen), tuple(unseen))
