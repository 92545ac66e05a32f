"""What of the project's SQL can change a result: its words, not its comments.

Belongs here: one hash for each model and operation, of its compiled SQL's tokens. Does not: Python that makes results
(planwise_assets/year/state/code.py), keeping the hashes (compiled.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlglot.dialects import DuckDB

_MADE_FROM_SQL = ("model", "analysis")


def sql_hash(sql: str) -> str:
    """The sha256 of a query's tokens, as hex. White space and comments are no tokens; a changed literal is another one."""
    tokens = [(token.token_type.name, token.text) for token in DuckDB().tokenize(sql)]
    return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()


def code_hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each model and operation by its unique id, and of each source's columns with their types.

    Args:
        manifest: A compiled project's, with `compiled_code`.
    """
    hashes = {
        uid: sql_hash(node["compiled_code"])
        for uid, node in manifest["nodes"].items()
        if node["resource_type"] in _MADE_FROM_SQL
    }
    # The year's set-up writes these tables with the types that are declared here.
    for uid, source in manifest["sources"].items():
        types = [(name, column["data_type"]) for name, column in source["columns"].items()]
        hashes[uid] = hashlib.sha256(json.dumps(types).encode()).hexdigest()
    return hashes
