"""A year that is declared complete survives a power cut: every file is on the disk before the marker that names it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from planwise_assets.year.state.marker import read_marker
from tests.harness import TINY_CENSUS, simulation


def test_every_file_is_synced_before_the_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fsync was called with, in order; the call itself is the real one."""
    synced: list[str] = []
    noted, fsync = threading.Lock(), os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        with noted:
            synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    monkeypatch.setattr(os, "fsync", watched)
    study = {"study": "durable", "census": str(TINY_CENSUS), "years": {"start": 2025, "end": 2025}}
    made = simulation(tmp_path, study).run(tested=False)
    marker = read_marker(made.project, 2025)
    assert marker is not None
    first_of_marker = next(place for place, file in enumerate(synced) if "year_complete" in Path(file).name)
    before = set(synced[:first_of_marker])
    files = [made.project.lake.file(asset, 2025) for asset in marker["files"]]
    assert len(files) > 50
    assert [file for file in files if str(file) not in before or str(file.parent) not in before] == []
