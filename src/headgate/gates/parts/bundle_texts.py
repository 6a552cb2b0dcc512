"""The texts in a bundle, each under the name by which people know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headgate.domain.artifact import Bundle, Module


def texts(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Name and text of every module; a source map as the sources it carries.

    Of a source map, sources of published packages are left out: their comments hold made-up keys; what runs
    of them is in the modules anyway.
    """
    for module in bundle.modules:
        if module.content_type == "application/source-map" or module.name.endswith(".map"):
            yield from _sources(module)
        else:
            yield module.name, module.body.decode(errors="replace")


def _sources(module: Module) -> Iterator[tuple[str, str]]:
    text = module.body.decode(errors="replace")
    try:
        read = json.loads(text)
        pairs = list(zip(read["sources"], read["sourcesContent"], strict=True))
    except (ValueError, KeyError, TypeError, RecursionError):
        yield module.name, text  # Not a source map that can be read: looked at as it is.
        return
    for name, content in pairs:
        if isinstance(content, str) and "node_modules/" not in str(name):
            yield f"{name} (in {module.name})", content
