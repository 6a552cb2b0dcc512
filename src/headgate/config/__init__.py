"""headgate.toml: found, checked, and read into `domain.settings.Settings`.

`headgate.schema.json` is the one source of its structure: what is checked here, what editors are told and
what docs/reference/configuration.md says all come from it.
"""

from __future__ import annotations

from headgate.config.find import FILE_NAME, find
from headgate.config.load import load

__all__ = ["FILE_NAME", "find", "load"]
