"""How a scenario inherits: shipped defaults <- the study's `defaults` <- the scenario's own.

One rule: a mapping of names is a section and is merged key by key; everything else (a number, a list of rows,
a mapping of years or months) is one value and is replaced whole. The shipped defaults come last, when the
sections are built.
"""

from __future__ import annotations

from typing import TypeGuard

from planwise_assets.study.errors import KeyPath

Mapping = dict[str | int, object]


def is_section(value: object) -> TypeGuard[Mapping]:
    """Whether a value of the file is a section: a mapping of names."""
    return isinstance(value, dict) and not any(isinstance(key, int) for key in value)


def merge(base: object, override: object) -> object:
    """`override` laid over `base`. A section left empty (`workforce:`) overrides nothing."""
    if not is_section(base):
        return override
    if override is None:
        return base
    if not is_section(override):
        return override
    merged = dict(base)
    for key, value in override.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return merged


def gives(written: object, path: KeyPath) -> bool:
    """Whether a part of the file gives the setting at `path`, itself or in a value that is replaced whole."""
    for part in path:
        if not is_section(written):
            return written is not None
        if part not in written:
            return False
        written = written[part]
    return True
