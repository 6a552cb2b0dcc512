"""Decoded JSON."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What `json.loads` returns. Its shape is checked in `reading`, the only place that looks inside."""
