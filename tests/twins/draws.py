"""The Python twin of the keyed draws in dbt_project/macros/draws/draws.sql, where streams and their meaning are listed.

Belongs here: the draw function and its parts. Does not: any decision that a draw makes.

A draw is `top53(mix64(identity_key ^ salt(seed, year) ^ stream_key(stream))) / 2**53`, in [0, 1). It depends on who,
what, when and the seed, never on the scenario or on the order of rows.
"""

from __future__ import annotations

import hashlib

_MASK = (1 << 64) - 1

#: The year of a lasting trait: such draws are the same in every simulation year.
LASTING = 0


def mix64(x: int) -> int:
    """One step of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64-bit words in which every bit stirs every other."""
    z = (x + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _md5_low64(text: str) -> int:
    """The last eight bytes of the md5, little-endian: what DuckDB calls md5_number_lower."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def identity_key(employee_id: str) -> int:
    """The 64-bit identity of a person in every draw and join."""
    return _md5_low64(f"employee|{employee_id}")


def stream_key(stream: str) -> int:
    """The 64-bit constant of a stream name."""
    return _md5_low64(f"stream|{stream}")


def salt(seed: int, year: int) -> int:
    """The seed's and the year's share of a draw; `year` is LASTING for a lasting trait."""
    return mix64(mix64(seed) ^ year)


def draw(identity: int, seed: int, stream: str, year: int = LASTING) -> float:
    """A uniform number in [0, 1) with 53 random bits."""
    return (mix64(identity ^ salt(seed, year) ^ stream_key(stream)) >> 11) * 2.0**-53
