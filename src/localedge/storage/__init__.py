"""KV: one workerd that runs Miniflare's own simulator, and the client that the control plane uses."""

from __future__ import annotations

from localedge.storage.kv import KvPage, KvRefused, KvStore, KvValue, KvWrite

__all__ = ["KvPage", "KvRefused", "KvStore", "KvValue", "KvWrite"]
