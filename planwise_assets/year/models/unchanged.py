"""Which of last year's files are this year's as they are: what does not change is not made again.

Belongs here: finding that out. Does not: taking the file over (resources/engines/session.py), what is made anew.

Nobody keeps a list. A model's file is last year's when its SQL is last year's and each file that it reads is, to the byte:
the marker of the year before holds the hash of each. The standard engine makes every model anew, and a test compares the
bytes. That what a year takes of the census holds no year is said in dbt_project/models/sources.yml.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planwise_assets.project import Project
from planwise_assets.study.parameters.fingerprint import CODE
from planwise_assets.year.state.code import code_hashes
from planwise_assets.year.state.marker import marker_by_these_packages
from resources.dbt.compiled import Relation
from resources.files import content_hash


@dataclass(frozen=True)
class LastYear:
    """The files of the year before, as it was declared complete."""

    project: Project
    year: int

    def file_of(self, model: str) -> Path | None:
        """Last year's file of a model, if making the model would give its very bytes; None where nobody knows."""
        dbt, recorded = self.project.dbt, self._recorded
        inputs = dbt.inputs(str(dbt.models[model]["unique_id"]))
        # What the year before left is another year's every year.
        if not recorded or any(relation.from_prior_year for relation in inputs):
            return None
        # The small ones first: where one differs, the large ones need not be read.
        if not all(self._is_as_recorded(relation) for relation in sorted(inputs, key=self._size)):
            return None
        file = self.project.lake.file(model, self.year - 1)
        return file if file.is_file() and content_hash(file) == recorded.get(model) else None

    @cached_property
    def _recorded(self) -> Mapping[str, str]:
        """The hashes of last year's files, where the same code made them."""
        marker = marker_by_these_packages(self.project, self.year - 1)
        if marker is None:
            return {}
        code = json.dumps(code_hashes(self.project.dbt), sort_keys=True)
        return marker["files"] if marker["fingerprint"].get(CODE) == code else {}

    def _is_as_recorded(self, relation: Relation) -> bool:
        recorded = self._recorded.get(relation.asset)
        return recorded is not None and content_hash(self.project.lake.file(relation.asset, self.year)) == recorded

    def _size(self, relation: Relation) -> int:
        return self.project.lake.file(relation.asset, self.year).stat().st_size
