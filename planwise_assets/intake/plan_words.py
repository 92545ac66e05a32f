"""A plan's terms as its summary says them, as settings of a study: `50% of the first 6%`, `age 21, 1 year, quarterly`.

Belongs here: reading the words, and the YAML of what was read. Does not: asking (commands/init.py), which terms the law
allows together (study/law/), the rest of the study file (study_text.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import get_args

from planwise_assets.study.law.safe_harbor import QACA, SAFE_HARBOR_MATCH
from planwise_assets.study.plan.employer import Match
from planwise_assets.study.plan.plan import SafeHarbor
from planwise_assets.study.plan.tiers import OWN_TIERS
from planwise_assets.study.values import plain

_MATCH_PART = re.compile(
    r"(?P<rate>[0-9]+(?:\.[0-9]+)?|dollar for dollar)\s*(?:%|percent|per cent)?\s*"
    r"(?:match\s*)?(?:of|on|up to|to)\s*(?:the\s*)?(?P<which>first|next)?\s*"
    r"(?P<share>[0-9]+(?:\.[0-9]+)?)\s*(?:%|percent|per cent)"
    r"(?:\s*(?:of pay|of salary|of compensation|deferred))?",
    re.I,
)
_ENTRY = {
    "immediate": r"immediate|at once|any day",
    "monthly": r"month(ly|s of each)|first of (the|each) month",
    "quarterly": r"quarter",
    "semiannual": r"semi[ -]?(annual|yearly)|twice a year|january 1 and july 1|six months' entry",
}
_ELIGIBILITY = {
    "year": r"\b(1|one)[ -]?year\b",
    "months": r"\b([0-9]{1,2})[ -]?months?\b",
    "age": r"\b(?:age )?([12][0-9])\b",
}
#: What says nothing of its own beside an age, a wait and entry dates.
_ELIGIBILITY_FILLERS = r"\b(age|and|of|service|employment|entry|dates?|with|after|then|at|on|the|wait|waiting period)\b"
#: Schedules as people call them, the more exact words first.
_VESTING = (
    ("immediate", r"immediate|100 ?% at once|^none$|fully vested"),
    ("graded_2_6", r"2.{0,12}6|six|6.?year|20 ?% .*from (year )?2"),
    ("graded_1_5", r"1.{0,12}5|five|5.?year|20 ?% a year"),
    ("cliff_1", r"\b1.?year|one.?year"),
    ("cliff_2", r"\b2.?year|two.?year"),
    ("cliff_3", r"\b3.?year|three.?year"),
)
_SHIPPED_MATCH = tuple((tier.up_to, tier.rate) for tier in Match().tiers)
_SAFE_HARBOR = get_args(SafeHarbor)


class PlanWordsError(ValueError):
    """Words that are no terms of a plan; the message says how to put them."""


@dataclass(frozen=True)
class PlanTerms:
    """What was said of a plan; None: the shipped default.

    Attributes:
        match: The match's tiers as (deferral up to, rate), shares.
        auto_enrollment: The default rate, 0 for none; and whether it is for everybody who is eligible.
        eligibility: Age, months of service, entry dates.
        vesting: The schedule's name.
        safe_harbor: The design's name.
    """

    match: tuple[tuple[Decimal, Decimal], ...] | None = None
    auto_enrollment: tuple[Decimal, bool] | None = None
    eligibility: tuple[int, int, str] | None = None
    vesting: str | None = None
    safe_harbor: str | None = None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def vesting_by_law(self) -> tuple[str, str] | None:
        """Where no vesting was said: the source that the safe harbor is paid from, and the slowest schedule allowed.

        Source: IRC 401(k)(12)(E)(i) and 401(k)(13)(D)(iii)(I).
        """
        if self.vesting is not None or self.safe_harbor in (None, "none"):
            return None
        source = "match" if self.safe_harbor in SAFE_HARBOR_MATCH else "core"
        return source, "cliff_2" if self.safe_harbor in QACA else "immediate"


def read_match(words: str) -> tuple[tuple[Decimal, Decimal], ...]:
    """`100% of the first 3%, 50% of the next 2%`; `dollar for dollar up to 4%`; `none`.

    Raises:
        PlanWordsError: It is no match formula.
    """
    if words.strip().lower() in ("none", "no", "0"):
        return ()
    tiers: list[tuple[Decimal, Decimal]] = []
    end = Decimal(0)
    rest = words
    for part in _MATCH_PART.finditer(words):
        rate = Decimal(100) if part["rate"].lower().startswith("dollar") else Decimal(part["rate"])
        share = Decimal(part["share"])
        if tiers and (part["which"] or "").lower() == "first":
            raise PlanWordsError(
                f"--match {words!r} says `first` twice: say 'next 2%' if the second part is for pay above the first's, and "
                "if both parts are for the same pay, add their rates up ('150% of first 3%, 50% of next 3%')."
            )
        end = end + share if (part["which"] or "").lower() == "next" else share
        if tiers and end / 100 <= tiers[-1][0]:
            raise PlanWordsError(
                f"--match {words!r}: say `next` for the second part, e.g. 100% of first 3%, 50% of next 2%."
            )
        if end > 100:
            raise PlanWordsError(f"--match {words!r}: nobody defers more than 100% of pay; say 'of first 6%' or the like.")
        tiers.append((end / 100, rate / 100))
        rest = rest.replace(part[0], "", 1)
    if not tiers or re.sub(r"\b(and|plus|then|match|of pay)\b|[,;. ]", "", rest.lower()):
        raise PlanWordsError(
            f"--match {words!r}: say it like '50% of first 6%', '100% of first 3%, 50% of next 2%', 'dollar for dollar "
            "up to 4%' or 'none'."
        )
    return tuple(tiers)


def read_auto_enrollment(words: str) -> tuple[Decimal, bool]:
    """`3%` (new hires), `6% all` (everybody eligible), `none`.

    Raises:
        PlanWordsError: It is none of these.
    """
    if words.strip().lower() in ("none", "no"):
        return Decimal(0), False
    found = re.fullmatch(
        r"(?:at )?([0-9]+(?:\.[0-9]+)?) ?%(?: (?:for )?(all|everybody|new hires)(?: eligible)?)?", words.strip().lower()
    )
    if not found:
        raise PlanWordsError(
            f"--auto-enroll {words!r}: say it like '3%' (new hires), '6% all' (everybody eligible) or 'none'."
        )
    if Decimal(found[1]) > 100:
        raise PlanWordsError(f"--auto-enroll {words!r}: say a share of pay of at most 100%, like '3%'.")
    return Decimal(found[1]) / 100, found[2] in ("all", "everybody")


def read_eligibility(words: str) -> tuple[int, int, str]:
    """`age 21, 1 year, semiannual`; `18, 3 months, monthly`; `immediate`.

    Raises:
        PlanWordsError: It is none of these.
    """
    rest = words.strip().lower()
    entry = [name for name, pattern in _ENTRY.items() if re.search(pattern, rest)]
    for name in entry:
        rest = re.sub(rf"({_ENTRY[name]})[\w-]*", " ", rest)
    found: dict[str, str] = {}
    for kind, pattern in _ELIGIBILITY.items():
        if part := re.search(pattern, rest):
            found[kind] = part[1]
            rest = rest.replace(part[0], " ", 1)
    left = re.sub(rf"{_ELIGIBILITY_FILLERS}|[,;. ]", "", rest)
    wait = 12 if "year" in found else int(found.get("months", 0))
    if left or not (found or entry) or wait > 12 or len(entry) > 1 or {"year", "months"} <= found.keys():
        raise PlanWordsError(
            f"--eligibility {words!r}: say age, service and entry dates, like 'age 21, 1 year, semiannual', '18, 3 months, "
            "monthly' or 'immediate' (entry dates: immediate, monthly, quarterly, semiannual)."
        )
    return int(found.get("age", 0)), wait, entry[0] if entry else "immediate"


def read_vesting(words: str) -> str:
    """`immediate`, `3-year cliff`, `2-6 graded`, `5-year graded`, or a schedule's own name.

    Raises:
        PlanWordsError: It is none of these.
    """
    said = words.strip().lower().replace("_", " ")
    for name, pattern in _VESTING:
        kind = name.split("_")[0]
        if said == name.replace("_", " ") or (
            re.search(pattern, said) and (kind == "immediate" or kind in said or (kind == "graded" and "grad" in said))
        ):
            return name
    raise PlanWordsError(
        f"--vesting {words!r}: say it like 'immediate', '3-year cliff', '2-6 graded' (20 % from the second year on) or "
        "'5-year graded' (20 % a year)."
    )


def read_safe_harbor(words: str) -> str:
    """The name of a design.

    Raises:
        PlanWordsError: There is no such design.
    """
    name = words.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in _SAFE_HARBOR:
        raise PlanWordsError(f"--safe-harbor {words!r}: say {', '.join(_SAFE_HARBOR[:-1])} or {_SAFE_HARBOR[-1]}.")
    return name


def plan_terms(
    *,
    match: str | None = None,
    auto_enroll: str | None = None,
    eligibility: str | None = None,
    vesting: str | None = None,
    safe_harbor: str | None = None,
) -> PlanTerms:
    """The terms that were said.

    Args:
        match: As `read_match` reads it. None, here and below: nothing was said.
        auto_enroll: As `read_auto_enrollment`.
        eligibility: As `read_eligibility`.
        vesting: As `read_vesting`.
        safe_harbor: As `read_safe_harbor`.

    Raises:
        PlanWordsError: Some of the words are none.
    """
    given = {"match": match, "auto_enroll": auto_enroll, "eligibility": eligibility, "vesting": vesting}
    terms = PlanTerms(
        match=None if match is None else read_match(match),
        auto_enrollment=None if auto_enroll is None else read_auto_enrollment(auto_enroll),
        eligibility=None if eligibility is None else read_eligibility(eligibility),
        vesting=None if vesting is None else read_vesting(vesting),
        safe_harbor=None if safe_harbor is None else read_safe_harbor(safe_harbor),
        said={name: " ".join(words.split()) for name, words in given.items() if words is not None},
    )
    if terms.safe_harbor in OWN_TIERS and terms.match not in (None, _SHIPPED_MATCH):
        raise PlanWordsError(
            f"--match {match!r} with --safe-harbor {terms.safe_harbor}: the law sets the match of that design. Leave one of "
            "the two out, or say --safe-harbor enhanced."
        )
    return terms


def plan_yaml(terms: PlanTerms) -> str:
    """The section `plan` of a study's defaults, indented as it stands there; a comment says the words it was made of."""
    lines: list[str] = []
    own_tiers = terms.safe_harbor in OWN_TIERS
    if not own_tiers:
        tiers = terms.match if terms.match is not None else _SHIPPED_MATCH
        words = terms.said.get("match", "100 % of the first 3 % of pay that is deferred, 50 % of the next 2 %")
        lines += [f"match:  # {words}"]
        lines += [f"  tiers: [{', '.join(f'{{up_to: {plain(end)}, rate: {plain(rate)}}}' for end, rate in tiers)}]"]
    if terms.auto_enrollment is not None:
        rate, is_all = terms.auto_enrollment
        scope = "all_eligible" if is_all else "new_hires"
        on = f"{{enabled: true, default_rate: {plain(rate)}, scope: {scope}}}" if rate else "{enabled: false}"
        lines.append(f"auto_enrollment: {on}  # {terms.said['auto_enroll']}")
    if terms.eligibility is not None:
        age, months, entry = terms.eligibility
        lines.append(
            f"eligibility: {{minimum_age: {age}, service_months: {months}, entry_dates: {entry}}}"
            f"  # {terms.said['eligibility']}"
        )
    if terms.vesting is not None:
        lines.append(f"vesting: {{match: {terms.vesting}, core: {terms.vesting}}}  # {terms.said['vesting']}")
    elif terms.vesting_by_law:
        source, schedule = terms.vesting_by_law
        lines.append(f"vesting: {{{source}: {schedule}}}  # safe_harbor {terms.safe_harbor} asks for it")
    if terms.safe_harbor is not None:
        lines.append(f"safe_harbor: {terms.safe_harbor}" + ("  # its match is the law's" if own_tiers else ""))
    return "".join(f"    {line}\n" for line in lines)


def stretched(terms: PlanTerms) -> tuple[str, str]:
    """A second match to compare with: as dear at most, for those who save twice as much. Its tiers as YAML, and in words."""
    said = terms.match if terms.match and any(rate for _, rate in terms.match) else None
    tiers = said or _SHIPPED_MATCH
    ends = (Decimal(0), *(end for end, _ in tiers))
    most = sum((rate * (end - start) for (end, rate), start in zip(tiers, ends, strict=False)), Decimal(0))
    rate = Decimal("0.5")
    if len(tiers) == 1 and tiers[0][1] <= rate:
        rate = tiers[0][1] / 2
    end = min(most / rate, Decimal(1))
    formula = f"{plain(rate * 100)} % of the first {plain(end * 100)} %"
    words = f"{formula}: the same {plain(most * 100)} % of pay at most, for who saves more"
    return f"{{tiers: [{{up_to: {plain(end)}, rate: {plain(rate)}}}]}}", words
