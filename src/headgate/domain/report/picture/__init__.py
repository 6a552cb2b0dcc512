"""The picture of a rollout as SVG: evidence over time, and both versions' error rates, stage by stage.

It stands by itself (no script, no font, nothing loaded) and reads on a light and on a dark ground.
"""

from __future__ import annotations

from headgate.domain.report.picture.whole import picture_of

__all__ = ["picture_of"]
