"""Top-heavy plans, IRC 416: how many officers may be key employees, when a plan is top-heavy, and the least that follows.

Belongs here: the rules. Does not: who is an officer or an owner, balances (results/law/top_heavy.py), the officers' dollar
limit by year (`key_employee_416` of legal_limits.py).
"""

from __future__ import annotations

from fractions import Fraction

#: IRC 416(i)(1)(A)(iii): pay above which a one-percent owner is a key employee; dollars, never adjusted.
ONE_PERCENT_OWNERS_PAY = 150_000
#: IRC 416(i)(1)(B): a five-percent owner owns more than 5 %, a one-percent owner more than 1 %.
FIVE_PERCENT, ONE_PERCENT = 5, 1
#: IRC 416(g)(1)(A)(ii): top-heavy is more than this.
_TOO_MUCH = Fraction(60, 100)
#: IRC 416(c)(2)(A).
_MINIMUM = Fraction(3, 100)
_MOST_OFFICERS, _FEWEST_OFFICERS = 50, 3


def officers_at_most(employees: int) -> int:
    """How many officers are key employees at most: a tenth, at least 3 and at most 50.

    A tenth that is no whole number is raised to the next: IRC 416(i)(1)(A), Treas. Reg. 1.416-1, T-14.
    """
    return min(_MOST_OFFICERS, max(_FEWEST_OFFICERS, -(-employees // 10)))


def is_top_heavy(key: int, everybody: int) -> bool:
    """Whether key employees' balances are more than 60 % of everybody's; both in the same unit."""
    return everybody > 0 and Fraction(key, everybody) > _TOO_MUCH


def minimum_rate(highest_of_a_key_employee: Fraction) -> Fraction:
    """The least that everybody else must get, as a share of pay: 3 %, or the highest of a key employee if that is less.

    Deferrals of key employees count for theirs; deferrals of the others do not for the minimum, the match does: IRC
    416(c)(2)(A) and (B), Treas. Reg. 1.416-1, M-20.
    """
    return min(_MINIMUM, highest_of_a_key_employee)
