"""A study with its UI, and a person before it, for modules that say STUDY and YEARS; UI_VARIABLES is further environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.dagster_ui import DagsterUi, dagster_ui
from tests.e2e.installation import Installation, installation
from tests.e2e.person import Person, somebody


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    study = request.module.STUDY
    return installation(tmp_path_factory.mktemp(study["study"]) / "study", study)


@pytest.fixture(scope="module")
def ui(request: pytest.FixtureRequest, made: Installation) -> Iterator[DagsterUi]:
    with dagster_ui(made, **getattr(request.module, "UI_VARIABLES", {})) as running:
        yield running


@pytest.fixture(scope="module")
def person(request: pytest.FixtureRequest, ui: DagsterUi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with somebody(ui, request.module.YEARS, tmp_path_factory.mktemp("browser")) as present:
        yield present
