"""Smoke checks, run: HTTP requests and commands."""

from __future__ import annotations

from headgate.adapters.probes.prober import SmokeProber

__all__ = ["SmokeProber"]
