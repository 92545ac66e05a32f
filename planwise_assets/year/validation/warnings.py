"""What of a year is allowed and should be known, in sentences: into its marker, and from there to whoever reads results.

Belongs here: the outcomes of the dbt tests that only warn. Does not: those that stop a year (checks.py), what the law makes
of a plan (study/law/qualification.py).
"""

from __future__ import annotations

from planwise_assets.project import Project
from planwise_assets.steps import GROUP_ORDER
from resources.engines.optimized import run_tests
from resources.engines.session import YearSession


def year_warnings(session: YearSession, project: Project) -> list[str]:
    """One sentence a test that warns; its words are the test's description.

    Args:
        session: The session of a step after which all models of the year are there.
        project: The study.
    """
    nodes = project.dbt.manifest["nodes"].values()
    said = {node["name"]: node["description"] or node["name"] for node in nodes if node["resource_type"] == "test"}
    # Those with a check of their own are figures too, which readers show with everything that belongs to them.
    tests = [
        test
        for group in GROUP_ORDER
        for test in project.dbt.group_tests(group, GROUP_ORDER)
        if test.severity == "WARN" and not test.own_check
    ]
    return [
        f"{outcome.failures:,} {' '.join(said[outcome.name].split())} (planwise check --years {session.year} lists them)"
        for outcome in run_tests(session, project.dbt, tests)
        if outcome.status != "pass"
    ]
