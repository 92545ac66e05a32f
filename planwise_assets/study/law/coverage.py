"""Coverage, IRC 410(b): whether a plan benefits enough people who are not highly compensated.

Belongs here: the rules, from counts of people to a verdict. Does not: who is counted (results/law/people.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Verdict = Literal["passed", "facts and circumstances", "failed"]

#: IRC 410(b)(1)(B), Treas. Reg. 1.410(b)-2(b)(2) and, of average benefits, 1.410(b)-5(a).
ENOUGH = Fraction(70, 100)
# Treas. Reg. 1.410(b)-4(c)(4): at a concentration of 60 %, and less for each whole point above it.
_SAFE, _UNSAFE, _FROM, _LESS_A_POINT = Fraction(50, 100), Fraction(40, 100), 60, Fraction(75, 10_000)
_LEAST_UNSAFE = Fraction(20, 100)


@dataclass(frozen=True)
class Covered:
    """People who count (nonexcludable, Treas. Reg. 1.410(b)-6), and those of them who benefit.

    Attributes:
        others: Who are not highly compensated.
        others_in: Of these, who benefit.
        highly: Who are highly compensated.
        highly_in: Of these, who benefit.
    """

    others: int
    others_in: int
    highly: int
    highly_in: int

    @property
    def ratio(self) -> Fraction | None:
        """The ratio percentage, Treas. Reg. 1.410(b)-9; None where no highly compensated person benefits, or nobody else is.

        Such a plan passes: Treas. Reg. 1.410(b)-2(b)(5) and (6).
        """
        if not self.highly_in or not self.others:
            return None
        return Fraction(self.others_in, self.others) / Fraction(self.highly_in, self.highly)

    @property
    def harbors(self) -> tuple[Fraction, Fraction]:
        """The safe and the unsafe harbor percentage, Treas. Reg. 1.410(b)-4(c)(4)."""
        concentration = 100 * self.others // max(self.others + self.highly, 1)
        less = max(concentration - _FROM, 0) * _LESS_A_POINT
        return _SAFE - less, max(_UNSAFE - less, _LEAST_UNSAFE)

    @property
    def midpoint(self) -> Fraction:
        """Between the two harbors: what a rate group needs, Treas. Reg. 1.401(a)(4)-2(c)(3)(ii)."""
        return sum(self.harbors, Fraction(0)) / 2

    def needs_average_benefits(self) -> bool:
        """Whether the ratio percentage test is failed, so that the average benefit test is asked."""
        return self.ratio is not None and self.ratio < ENOUGH

    def verdict(self, average_benefits: Fraction | None) -> Verdict:
        """Whether it passes by the ratio percentage test, or else by the average benefit test.

        Args:
            average_benefits: The average benefit percentage (Treas. Reg. 1.410(b)-5); None where the highly compensated
                have no benefit, which passes.

        Returns:
            `facts and circumstances` between the harbors: Treas. Reg. 1.410(b)-4(c)(3), for somebody to judge.
        """
        if self.ratio is None or self.ratio >= ENOUGH:
            return "passed"
        safe, unsafe = self.harbors
        if self.ratio < unsafe or (average_benefits is not None and average_benefits < ENOUGH):
            return "failed"
        return "passed" if self.ratio >= safe else "facts and circumstances"

    def rate_group_passes(self, plan: Covered, average_benefits: Fraction | None) -> bool:
        """Whether a rate group satisfies 410(b), Treas. Reg. 1.401(a)(4)-2(c)(3).

        The classification is judged by the midpoint, or by the plan's own ratio percentage where that is less; nobody asks
        for facts and circumstances. The average benefit percentage is the plan's.

        Args:
            plan: The plan of the rate group.
            average_benefits: As `verdict`.
        """
        if self.ratio is None or self.ratio >= ENOUGH:
            return True
        needed = self.midpoint if plan.ratio is None else min(self.midpoint, plan.ratio)
        return self.ratio >= needed and (average_benefits is None or average_benefits >= ENOUGH)
