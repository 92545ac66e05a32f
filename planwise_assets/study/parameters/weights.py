"""Weights as stretches of the unit interval.

Here: scaling them exactly. Not here: which table has weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from planwise_assets.study.values import MILLION, millionths


def normalised(weights: Sequence[Decimal]) -> list[int]:
    """Weights scaled to sum to exactly 1,000,000, by the largest remainder (the first row wins a tie).

    Args:
        weights: Not negative, at most six decimals, not all 0.
    """
    whole_weights = [millionths(weight) for weight in weights]
    total = sum(whole_weights)
    shares = [weight * MILLION // total for weight in whole_weights]
    by_remainder = sorted(range(len(shares)), key=lambda index: -(whole_weights[index] * MILLION % total))
    for index in by_remainder[: MILLION - sum(shares)]:
        shares[index] += 1
    return shares
