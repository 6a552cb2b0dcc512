"""The tables of one product, with what brings older files up to date."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schema:
    """`steps[i]` is SQL that brings the tables from format `i` to `i + 1`. Steps are only ever added."""

    name: str
    steps: tuple[str, ...]
