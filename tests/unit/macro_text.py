"""The text of the dbt project's SQL for tests in plain DuckDB, without a dbt run.

Belongs here: rendering macros, and the operations, models and tests that use nothing of dbt but ref, source,
config and the project's own macros. Does not: any table or any expectation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import jinja2

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)


class _Returned(Exception):  # noqa: N818 - not an error: how dbt's `return` leaves a macro with a value
    """What a macro hands back by `return`, as dbt does it."""

    def __init__(self, value: object) -> None:
        self.value = value


class _Exceptions:
    """dbt's `exceptions`, as far as the macros use it."""

    def raise_compiler_error(self, message: str) -> NoReturn:
        raise ValueError(message)


def macro(file: str, name: str, *arguments: object) -> str:
    """Return the SQL of one macro of dbt_project/macros/<file>."""
    if name not in _macros_of(file):
        raise KeyError(f"dbt_project/macros/{file} has no macro {name}.")
    return str(_names()[name](*arguments))


def sql(path: str) -> str:
    """Return the SQL of an analysis, model or test of the project, each relation under its bare name."""
    return _environment().from_string((PROJECT / path).read_text(), globals=_names()).render()


def _source(source: str, table: str) -> str:
    return f"prior_{table}" if source == "prior_year" else table


def _return(value: object) -> NoReturn:
    raise _Returned(value)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@cache
def _environment() -> jinja2.Environment:
    # what is rendered is SQL: escaping for HTML would break it
    return jinja2.Environment(  # noqa: S701
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
    )


@cache
def _macros_of(file: str) -> dict[str, str]:
    """Return the text of each macro in a file."""
    text = (PROJECT / "macros" / file).read_text()
    return {found.group(1): found.group(0) for found in _MACRO.finditer(text)}


@cache
def _names() -> dict[str, Any]:
    """Return what a template may name: dbt's functions, and every macro of the project."""
    names: dict[str, Any] = {
        "ref": lambda name: name,
        "source": _source,
        "config": lambda **_: "",
        "return": _return,
        "local_md5": _md5,
        "exceptions": _Exceptions(),
    }
    for file in sorted((PROJECT / "macros").rglob("*.sql")):
        for name, text in _macros_of(str(file.relative_to(PROJECT / "macros"))).items():
            names[name] = _callable(name, text, names)
    return names


def _callable(name: str, text: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Return a macro as a function; one template a macro, so that macros find each other as in dbt."""

    @cache
    def compiled() -> Any:
        return getattr(_environment().from_string(text, globals=names).module, name)

    def call(*arguments: object, **named: object) -> Any:
        try:
            return compiled()(*arguments, **named)
        except _Returned as returned:
            return returned.value

    return call
