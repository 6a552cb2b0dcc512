"""Headgate takes a tested build through one gate to production on Cloudflare, and back if it fails."""

from __future__ import annotations

__version__ = "0.1.0"
