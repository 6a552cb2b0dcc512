"""A local Cloudflare: the Workers and KV parts of its REST API, with traffic served by a real workerd."""

from __future__ import annotations

__version__ = "0.1.0"
