"""The compiled dbt project lies with the installation: a new home does not compile what every home has in common."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planwise_assets.settings import PROJECT_ROOT, Settings

SHARED = PROJECT_ROOT / "var" / "dbt"


def test_homes_share_it(tmp_path: Path) -> None:
    caches = {Settings(home=tmp_path / home, study_file=tmp_path / "study.yaml").dbt_cache for home in ("one", "other")}
    assert caches == {SHARED}


def test_a_home_that_has_its_own_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "dbt").mkdir()
    assert Settings(home=tmp_path, study_file=tmp_path / "study.yaml").dbt_cache == tmp_path / "dbt"


def test_where_nobody_may_write_each_home_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert Settings(home=tmp_path, study_file=tmp_path / "study.yaml").dbt_cache == tmp_path / "dbt"
