"""Whose results are in the lake: two studies of one name must not overwrite each other.

Belongs here: asking the lake. Does not: when two studies are one (results/provenance.py), refusing (setup/year_setup.py, the
command line).
"""

from __future__ import annotations

from planwise_assets.results.provenance import another_study, place_from_home
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study
from resources.files import read_json
from resources.lake import Lake


def owned_by_another(settings: Settings, study: Study) -> str | None:
    """Why this study may not write here: another one of its name has; None when it may.

    Returns:
        Both studies, and how to choose another name or home.
    """
    lake = Lake(settings.lake(study.study))
    for file in sorted(lake.begun(0).parent.parent.glob(f"*/{lake.begun(0).name}")):
        begun = read_json(file)
        if not isinstance(begun, dict) or "inputs" not in begun:
            continue
        if begun["inputs"]["study_file"].get("from_home") == place_from_home(settings.study_file, settings.home):
            continue
        made, census = (
            (begun["inputs"][name]["path"], begun["inputs"][name]["sha256"]) for name in ("study_file", "census")
        )
        if found := another_study(made, census, study, settings.study_file):
            return f"{found} {how_to_part(settings, study)}"
    return None


def how_to_part(settings: Settings, study: Study) -> str:
    """What a person does whose study has the name of another."""
    return (
        f"Give it another name (study: in {settings.study_file.name}) or another home (PLANWISE_HOME); or, if the other's "
        f"results may go, delete {settings.lake(study.study)} and {settings.warehouse(study.study)}."
    )
