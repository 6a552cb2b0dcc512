"""What wrangler has in the project: the port `WranglerProject`."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headgate.adapters.wrangler.configuration import read_configuration
from headgate.adapters.wrangler.toolchain import Wrangler, find_node, find_wrangler

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headgate.domain.wrangler_file import WranglerFile

_SCHEMA = "config-schema.json"


class InstalledWrangler:
    """The wrangler of a project, and its configuration file; each is looked for when first needed."""

    def __init__(self, project: Path, configuration: str = "") -> None:
        self._project = project
        self._name = configuration

    def configuration(self) -> WranglerFile:
        return self._configuration

    def schema(self) -> Mapping[str, Any] | None:
        file = self.wrangler.folder / _SCHEMA
        try:
            schema = json.loads(file.read_bytes())
        except (OSError, ValueError):
            return None
        return schema if isinstance(schema, dict) else None

    @cached_property
    def wrangler(self) -> Wrangler:
        """The installed wrangler. Raises ProjectError."""
        return find_wrangler(self._project)

    def describe(self) -> str:
        """Which wrangler builds, and on which Node. Raises ProjectError if either is missing."""
        return f"wrangler {self.wrangler.version} on {find_node()}"

    @cached_property
    def _configuration(self) -> WranglerFile:
        return read_configuration(self._project, self._name)
