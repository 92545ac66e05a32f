"""How the suite is spread over two processes (`pytest -n 2 --dist loadgroup`, which `make test` uses).

Belongs here: what must stay together. Does not: fixtures (each beside the tests that use it).
"""

from __future__ import annotations

import pytest

#: Simulations that several modules share: each is made once, in the process that has all the tests that use it.
_SHARED = ("five_years", "four_plans", "plan_years", "companies", "busy_year")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps a module's tests in one process, and with them those of other modules that use the same simulation."""
    for item in items:
        shared = next((name for name in _SHARED if name in getattr(item, "fixturenames", ())), None)
        item.add_marker(pytest.mark.xdist_group(shared or item.nodeid.split("::")[0]))
